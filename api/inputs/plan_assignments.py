"""What a client may say of which reminder plan applies."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Id
from domain.dunning.plan_assignments import LAST_PRIORITY

Priority = Annotated[int, msgspec.Meta(ge=1, le=LAST_PRIORITY, description="The smallest is asked first.")]


class CustomerReminderSettingsFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The published plan of all receivables of the customer that have none of their own."""

    plan_id: Id


class NewPlanAssignment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A rule: customers of this segment get this plan, if no rule with a smaller priority gives them another one."""

    segment_id: Id
    plan_id: Id
    priority: Priority


class PlanAssignmentPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    segment_id: Id | UnsetType = UNSET
    plan_id: Id | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
