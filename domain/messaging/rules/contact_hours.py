"""PURE: at which instants a contact policy's calendar is open: hours, business days, holidays, blackout dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from domain.kernel.calendar import is_business_day, is_public_holiday, local_date, zone
from domain.messaging.contact_policy_model import WEEKDAYS, ContactPolicy

QUIET_HOURS = "quiet_hours"
BUSINESS_DAYS_ONLY = "business_days_only"
PUBLIC_HOLIDAY = "public_holiday"
BLACKOUT_DATES = "blackout_dates"

MOST_DAYS_AHEAD = 60
"""How many days ahead of an instant an open one is looked for."""
_MIDNIGHT, _END = "00:00", "24:00"

Interval = tuple[datetime, datetime]


def has_calendar(policy: ContactPolicy) -> bool:
    """Whether the policy closes any time at all."""
    return bool(
        policy.contact_hours or policy.business_days_only or policy.except_public_holidays or policy.blackout_dates
    )


def next_open(policy: ContactPolicy, at: datetime, time_zone: str, country: str | None) -> datetime | None:
    """`at` itself if the calendar is open then, else the first instant at which it is; None if there is none in 60 days.

    UTC. The open time is a union of intervals in ascending order, so a later question never has an earlier answer.
    """
    if not has_calendar(policy):
        return at
    today = local_date(at, time_zone)
    for ahead in range(MOST_DAYS_AHEAD + 1):
        for opens, closes in _open_on(policy, today + timedelta(days=ahead), time_zone, country):
            if max(at, opens) < closes:
                return max(at, opens)
    return None


def closed_by(policy: ContactPolicy, at: datetime, time_zone: str, country: str | None) -> tuple[str, ...]:
    """The ids of the calendar's rules that forbid `at`."""
    day = local_date(at, time_zone)
    rules = tuple(_day_closed_by(policy, day, country))
    if policy.contact_hours and not any(opens <= at < closes for opens, closes in _hours(policy, day, time_zone)):
        return (QUIET_HOURS, *rules)
    return rules


@lru_cache(maxsize=65_536)
def wall_clock(day: date, at: str, time_zone: str, *, last: bool) -> datetime:
    """The UTC instant from which clocks in `time_zone` show `at` of `day` or later.

    Of a time that a change back from summer time repeats, the first instant or the last; of one that a change leaves out, the change
    itself. So what lies between the last `from` and the first `to` of a day is inside by the clock on the wall, whatever happens.
    """
    if at == _END:
        return wall_clock(day + timedelta(days=1), _MIDNIGHT, time_zone, last=last)
    naive, zone_of = datetime.combine(day, time.fromisoformat(at)), zone(time_zone)
    found = naive.replace(tzinfo=zone_of, fold=int(last)).astimezone(UTC)
    if found.astimezone(zone_of).replace(tzinfo=None) == naive:
        return found
    # In the gap the later offset gives the earlier instant (PEP 495).
    before, after = (naive.replace(tzinfo=zone_of, fold=fold).astimezone(UTC) for fold in (1, 0))
    return _change_between(before, after, time_zone)


def _change_between(before: datetime, after: datetime, time_zone: str) -> datetime:
    """The first instant after `before` with the offset that holds at `after`, to the second."""
    offset = after.astimezone(zone(time_zone)).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone(time_zone)).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def _open_on(policy: ContactPolicy, day: date, time_zone: str, country: str | None) -> list[Interval]:
    if any(_day_closed_by(policy, day, country)):
        return []
    if policy.contact_hours:
        return _hours(policy, day, time_zone)
    return [(wall_clock(day, _MIDNIGHT, time_zone, last=True), wall_clock(day, _END, time_zone, last=False))]


def _hours(policy: ContactPolicy, day: date, time_zone: str) -> list[Interval]:
    weekday = WEEKDAYS[day.weekday()]
    found = [
        (wall_clock(day, hours.from_time, time_zone, last=True), wall_clock(day, hours.to_time, time_zone, last=False))
        for hours in policy.contact_hours
        if weekday in hours.weekdays
    ]
    return sorted(interval for interval in found if interval[0] < interval[1])


def _day_closed_by(policy: ContactPolicy, day: date, country: str | None) -> Iterator[str]:
    if policy.business_days_only and not is_business_day(day, country):
        yield BUSINESS_DAYS_ONLY
    if policy.except_public_holidays and is_public_holiday(day, country):
        yield PUBLIC_HOLIDAY
    if any(dates.from_on <= day <= dates.to_on for dates in policy.blackout_dates):
        yield BLACKOUT_DATES
