"""Holds: do not remind, for a reason, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

HoldReason = Literal["negotiation", "complaint", "bankruptcy", "commercial_negotiation", "legal", "other"]
HoldState = Literal["active", "released", "expired"]

WITHOUT_END = datetime(2201, 1, 1, tzinfo=UTC)
"""What stands for the end of a hold that has none where an instant is wanted: behind the last day of the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A receivable, or all a customer owes where `receivable_id` is null, is not reminded of while the hold is active.

    `until_on` is the last day of the hold, null for one without end; `ends_at` is the end of that day where the customer lives, as
    it was when the day was set.
    """

    id: str
    customer_id: str
    receivable_id: str | None
    reason: HoldReason
    note: str | None
    until_on: date | None
    ends_at: datetime | None
    state: HoldState
    placed_by: str
    released_by: str | None
    ended_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
