"""PURE: until when a hold may be."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.collections.hold_model import Hold
from domain.kernel.calendar import is_in_calendar, local_date, start_of_day
from domain.kernel.errors import Conflict, InvalidInput


def end_of(until_on: date | None, time_zone: str, now: datetime) -> datetime | None:
    """The instant at which the last day of a hold is over in `time_zone`; None for a hold without end.

    Raises InvalidInput for a day that is over (`date_in_the_past`) or out of the calendar (`date_out_of_range`).
    """
    if until_on is None:
        return None
    if not is_in_calendar(until_on):
        raise InvalidInput.at("/until_on", "date_out_of_range", "Dates are between 1970 and 2200.")
    if until_on < local_date(now, time_zone):
        raise InvalidInput.at(
            "/until_on", "date_in_the_past", "until_on is the last day of the hold, today at the earliest."
        )
    return start_of_day(until_on + timedelta(days=1), time_zone)


def expect_active(hold: Hold) -> None:
    """Raises Conflict unless the hold is active."""
    if hold.state != "active":
        raise Conflict(f"hold_already_{hold.state}", f"The hold was {hold.state} already.")
