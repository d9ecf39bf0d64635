"""What a client may say of reminder plans."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import ExternalId, Id, Name, given
from api.inputs.plan_options import PlanOptionsIn
from domain.collections.model import EscalationLevel
from domain.customers.model import ContactRole
from domain.dunning.rules.actions import MOST_CHANNELS, MOST_NEW_DUE_DAYS
from domain.dunning.rules.assigning import EVERYBODY
from domain.dunning.rules.control import PlanMode, PlanRelease
from domain.dunning.rules.steps import (
    EARLIEST_OFFSET,
    LATEST_OFFSET,
    MOST_BRANCHES,
    MOST_STEPS,
    CatchUp,
    RelativeTo,
)
from domain.messaging.model import Tone

Template = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Channel = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,29}$")]
StepKey = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]{1,50}$")]
TimeOfDay = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
PredicateIn = dict[str, Any]


class EmailActionIn(msgspec.Struct, tag_field="type", tag="email", forbid_unknown_fields=True, kw_only=True):
    """Send an e-mail made from the template with this key."""

    template: Template


class NoticeActionIn(msgspec.Struct, tag_field="type", tag="notice", forbid_unknown_fields=True, kw_only=True):
    """Write through the first of these channels that reaches one of the recipients."""

    channels: Annotated[list[Channel], msgspec.Meta(min_length=1, max_length=MOST_CHANNELS)]
    template: Template
    recipients: Annotated[list[ContactRole], msgspec.Meta(min_length=1, max_length=3)] | UnsetType = UNSET
    tone: Tone | None = None
    letter: bool = False
    new_due_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_NEW_DUE_DAYS)] | None = None


class AlertActionIn(msgspec.Struct, tag_field="type", tag="alert", forbid_unknown_fields=True, kw_only=True):
    """Tell the tenant's own people through one of its channel accounts."""

    channel: Channel
    template: Template


class TaskActionIn(msgspec.Struct, tag_field="type", tag="task", forbid_unknown_fields=True, kw_only=True):
    """Open a task for a user, or for whoever has a role."""

    title: Title
    assignee: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    role: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,49}$")] | UnsetType = UNSET


class EscalationActionIn(msgspec.Struct, tag_field="type", tag="escalation", forbid_unknown_fields=True, kw_only=True):
    """Take the case out of the ladder."""

    level: EscalationLevel


class ChargeActionIn(msgspec.Struct, tag_field="type", tag="charge", forbid_unknown_fields=True, kw_only=True):
    """Add what the charge rule with this id comes to, up to the day on which the step is carried out, to what is owed."""

    charge_rule_id: Id


class WebhookActionIn(msgspec.Struct, tag_field="type", tag="webhook", forbid_unknown_fields=True, kw_only=True):
    """Only tell the event `case.step_done`."""


class ApprovalActionIn(msgspec.Struct, tag_field="type", tag="approval", forbid_unknown_fields=True, kw_only=True):
    """Wait until somebody has approved."""

    title: Title


class BranchIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where to go on if the predicate `when` holds: at a later step, or, with `stop`, nowhere."""

    when: PredicateIn
    go_to: StepKey | UnsetType = UNSET
    stop: bool | UnsetType = UNSET


class StepIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One rung: so many days after a day (negative: before it), at a local time of day or in a window of hours."""

    key: StepKey
    offset_days: Annotated[int, msgspec.Meta(ge=EARLIEST_OFFSET, le=LATEST_OFFSET)]
    time_of_day: TimeOfDay | UnsetType = UNSET
    action: (
        EmailActionIn
        | NoticeActionIn
        | AlertActionIn
        | TaskActionIn
        | EscalationActionIn
        | ChargeActionIn
        | WebhookActionIn
        | ApprovalActionIn
    )
    relative_to: RelativeTo | UnsetType = UNSET
    window: dict[Literal["from", "to"], TimeOfDay] | UnsetType = UNSET
    condition: PredicateIn | None = None
    requires_approval: bool | UnsetType = UNSET
    catch_up: CatchUp | UnsetType = UNSET
    branches: Annotated[list[BranchIn], msgspec.Meta(max_length=MOST_BRANCHES)] | UnsetType = UNSET


Percent = Annotated[
    int, msgspec.Meta(ge=0, le=EVERYBODY, description="Of a hundred customers so many get the plan by a rule.")
]
Mode = Annotated[
    PlanMode,
    msgspec.Meta(description="`shadow`: the plan is only tried; its cases say what would be done, and nothing is."),
]
Release = Annotated[
    PlanRelease, msgspec.Meta(description="`manual`: notices wait as proposed until somebody releases them in a run.")
]
Steps = Annotated[list[StepIn], msgspec.Meta(max_length=MOST_STEPS)]


class NewReminderPlan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A plan to be written as a draft. One that does nothing has no steps, and nobody for whom it is chosen is reminded."""

    name: Name
    steps: Steps = []
    options: PlanOptionsIn | UnsetType = UNSET
    is_default: bool = False
    external_id: ExternalId | None = None
    does_nothing: bool = False
    rollout_percent: Percent = EVERYBODY
    mode: Mode = "live"
    release: Release = "automatic"


class ReminderPlanPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    name: Name | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    options: PlanOptionsIn | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    rollout_percent: Percent | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    release: Release | UnsetType = UNSET


class PlanPublishing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """In which mode a plan is from its publication on; left out, in the one it is in."""

    mode: PlanMode | None = None


class PlanToLint(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Steps and options that need not be well formed: what is wrong with them is the answer."""

    steps: Any
    options: Any = None


def plan_fields(data: NewReminderPlan | ReminderPlanPatch) -> dict[str, Any]:
    """The arguments of the use case, steps and options in their JSON form."""
    fields = given(data)
    return {**fields, **{name: msgspec.to_builtins(fields[name]) for name in ("steps", "options") if name in fields}}
