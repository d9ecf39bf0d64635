"""What a client may set for the reminders of one receivable."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Id
from domain.dunning.model import DelayReason
from domain.dunning.rules.settings import LONGEST_GAP, LONGEST_GRACE


class ReminderSettingsFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A published plan, days of grace for what comes after the due date, and days that two notices are apart at least.

    `delay_reason` says why the customer pays late, as far as anybody knows; left out, it stays.
    """

    plan_id: Id | None = None
    grace_days: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_GRACE)] | None = None
    minimum_days_between: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_GAP)] | None = None
    delay_reason: DelayReason | UnsetType | None = UNSET
