"""What a client may say of the options of a reminder plan."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from api.inputs.fields import MoneyIn
from domain.dunning.rules.options import MOST_DAYS, MOST_MINIMUMS, MOST_NOTICES, MOST_PER_DAY, Anchor, EnterAt

_PAY_DAY = "Write what comes N days before the due date N days before the last day until then on which the customer always pays."
_UNREAD = "Days after a notice that nobody has read until its step is written through its next channel."
_NO_REPLY = "Days after an overdue notice without a sign of the customer until the plan's next step falls due."


class OldDebtIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a debt enters that is late already when its case opens, and how many of them a day."""

    enter_at: EnterAt = "by_age"
    per_day: Annotated[int, msgspec.Meta(ge=1, le=MOST_PER_DAY)] | None = None


class PlanOptionsIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What holds for all steps; what is left out has its default. `stop_when` is a predicate."""

    anchor: Anchor = "receivable"
    combine: bool = False
    minimum_amount: Annotated[list[MoneyIn], msgspec.Meta(max_length=MOST_MINIMUMS)] = []
    old_debt: OldDebtIn = msgspec.field(default_factory=OldDebtIn)
    stop_when: dict[str, Any] | None = None
    maximum_notices: Annotated[int, msgspec.Meta(ge=1, le=MOST_NOTICES)] | None = None
    learn_pay_day: Annotated[bool, msgspec.Meta(description=_PAY_DAY)] = False
    next_channel_when_unread_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS, description=_UNREAD)] | None = None
    raise_when_no_reply_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS, description=_NO_REPLY)] | None = None
