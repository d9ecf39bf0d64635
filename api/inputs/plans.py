"""What a client may say of reminder plans."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import ExternalId, Id, Name, given
from api.inputs.plan_options import PlanOptionsIn
from domain.collections.model import EscalationLevel
from domain.dunning.rules.steps import EARLIEST_OFFSET, LATEST_OFFSET, MOST_STEPS


class EmailActionIn(msgspec.Struct, tag_field="type", tag="email", forbid_unknown_fields=True, kw_only=True):
    """Send an e-mail made from the template with this key."""

    template: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class TaskActionIn(msgspec.Struct, tag_field="type", tag="task", forbid_unknown_fields=True, kw_only=True):
    """Open a task for a user."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    assignee: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None


class EscalationActionIn(msgspec.Struct, tag_field="type", tag="escalation", forbid_unknown_fields=True, kw_only=True):
    """Take the case out of the ladder."""

    level: EscalationLevel


class ChargeActionIn(msgspec.Struct, tag_field="type", tag="charge", forbid_unknown_fields=True, kw_only=True):
    """Add what the charge rule with this id comes to, up to the day on which the step is carried out, to what is owed."""

    charge_rule_id: Id


class StepIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One rung: so many days after the due date (negative: before it), at a local time of day."""

    key: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]{1,50}$")]
    offset_days: Annotated[int, msgspec.Meta(ge=EARLIEST_OFFSET, le=LATEST_OFFSET)]
    time_of_day: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    action: EmailActionIn | TaskActionIn | EscalationActionIn | ChargeActionIn


Steps = Annotated[list[StepIn], msgspec.Meta(max_length=MOST_STEPS)]


class NewReminderPlan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A plan to be written as a draft."""

    name: Name
    steps: Steps
    options: PlanOptionsIn | UnsetType = UNSET
    is_default: bool = False
    external_id: ExternalId | None = None


class ReminderPlanPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    options: PlanOptionsIn | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET


def plan_fields(data: NewReminderPlan | ReminderPlanPatch) -> dict[str, Any]:
    """The arguments of the use case, steps and options in their JSON form."""
    fields = given(data)
    return {**fields, **{name: msgspec.to_builtins(fields[name]) for name in ("steps", "options") if name in fields}}
