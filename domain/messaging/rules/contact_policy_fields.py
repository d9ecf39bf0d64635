"""PURE: what a contact policy may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from domain.kernel.calendar import is_in_calendar
from domain.kernel.errors import FieldError, InvalidInput
from domain.messaging.contact_policy_model import (
    WEEKDAYS,
    BlackoutDates,
    ContactCap,
    ContactHours,
    ContactPolicy,
)
from domain.messaging.rules.contact_policy import cap_id

MOST_HOURS, MOST_BLACKOUTS, MOST_CAPS, MOST_CHANNELS = 50, 200, 20, 30
LONGEST_GAP_HOURS, LONGEST_WINDOW_DAYS, LARGEST_CAP = 366 * 24, 366, 1000

_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", re.ASCII)
_LISTS = {"contact_hours": MOST_HOURS, "blackout_dates": MOST_BLACKOUTS, "caps": MOST_CAPS, "channels": MOST_CHANNELS}


def a_cap(*, per: Any, most: int, days: int, counts_manual: bool = False) -> ContactCap:
    """A cap with the id that follows from what it says."""
    identity = cap_id(per, most, days, counts_manual=counts_manual)
    return ContactCap(id=identity, per=per, most=most, days=days, counts_manual=counts_manual)


def check_policy(policy: ContactPolicy) -> None:
    """Raises InvalidInput naming every wrong place."""
    errors = tuple(_wrong(policy))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)


def rules_as_set(policy: ContactPolicy) -> dict[str, Any]:
    """What of a policy is set by its owner: all but version and time."""
    return {one.name: getattr(policy, one.name) for one in fields(policy) if one.name not in ("version", "updated_at")}


def _wrong(policy: ContactPolicy) -> Iterator[FieldError]:
    for name, most in _LISTS.items():
        if len(getattr(policy, name) or ()) > most:
            yield FieldError(f"/{name}", "too_many", f"{name} has at most {most} entries.")
    for n, channel in enumerate(policy.channels or ()):
        if not _CHANNEL.fullmatch(channel):
            yield FieldError(f"/channels/{n}", "malformed_channel", "A channel is a-z, 0-9 and _, at most 30.")
    for n, hours in enumerate(policy.contact_hours):
        yield from _wrong_hours(f"/contact_hours/{n}", hours)
    for n, dates in enumerate(policy.blackout_dates):
        yield from _wrong_dates(f"/blackout_dates/{n}", dates)
    yield from _wrong_caps(policy.caps)
    gap = policy.minimum_gap_hours
    if gap is not None and not 1 <= gap <= LONGEST_GAP_HOURS:
        detail = f"minimum_gap_hours is 1 to {LONGEST_GAP_HOURS}."
        yield FieldError("/minimum_gap_hours", "gap_out_of_range", detail)


def _wrong_hours(at: str, hours: ContactHours) -> Iterator[FieldError]:
    if not hours.weekdays:
        yield FieldError(f"{at}/weekdays", "required", "Hours hold on at least one weekday.")
    for n, weekday in enumerate(hours.weekdays):
        if weekday not in WEEKDAYS:
            yield FieldError(f"{at}/weekdays/{n}", "unknown_value", f"A weekday is one of {', '.join(WEEKDAYS)}.")
    times = {"from_time": hours.from_time, "to_time": hours.to_time}
    malformed = [name for name, value in times.items() if not _TIME.fullmatch(value)]
    for name in malformed:
        yield FieldError(f"{at}/{name}", "malformed_time", "A time of day is 00:00 to 24:00.")
    if not malformed and hours.from_time >= hours.to_time:
        detail = "to_time is later than from_time; hours over midnight are two entries."
        yield FieldError(f"{at}/to_time", "not_after_from_time", detail)


def _wrong_dates(at: str, dates: BlackoutDates) -> Iterator[FieldError]:
    for name, day in (("from_on", dates.from_on), ("to_on", dates.to_on)):
        if not is_in_calendar(day):
            yield FieldError(f"{at}/{name}", "date_out_of_range", "Dates are between 1970 and 2200.")
    if dates.to_on < dates.from_on:
        yield FieldError(f"{at}/to_on", "ends_before_it_begins", "to_on is not before from_on.")


def _wrong_caps(caps: Sequence[ContactCap]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for n, cap in enumerate(caps):
        if not 1 <= cap.most <= LARGEST_CAP:
            yield FieldError(f"/caps/{n}/most", "cap_out_of_range", f"most is 1 to {LARGEST_CAP}.")
        if not 1 <= cap.days <= LONGEST_WINDOW_DAYS:
            yield FieldError(f"/caps/{n}/days", "window_out_of_range", f"days is 1 to {LONGEST_WINDOW_DAYS}.")
        if cap.id in seen:
            yield FieldError(f"/caps/{n}", "repeated_cap", "Another cap says the same.")
        seen.add(cap.id)
