"""Dates and local times: from a calendar day and a wall-clock time to an instant, and business days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import holidays

OUT_OF_CALENDAR = "Dates are between 1970 and 2200."
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2200, 12, 31)


def is_in_calendar(day: date) -> bool:
    """Whether `day` is one that a ledger can hold: from 1970 to 2200."""
    return _FIRST_DAY <= day <= _LAST_DAY


@cache
def is_time_zone(name: str) -> bool:
    """Whether `name` is in the IANA time zone database."""
    return name in available_timezones()


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name."""
    return ZoneInfo(name)


def instant_of(day: date, at: time, time_zone: str) -> datetime:
    """The UTC instant at which clocks in `time_zone` show `day` and `at`.

    A time that a change to summer time leaves out becomes the instant that many minutes after the gap began; of a time that occurs
    twice, the first (PEP 495, fold=0).
    """
    return datetime.combine(day, at, tzinfo=zone(time_zone)).astimezone(UTC)


def start_of_day(day: date, time_zone: str) -> datetime:
    """The instant at which `day` begins in `time_zone`."""
    return instant_of(day, time.min, time_zone)


# A batch asks for the same few again and again.
@lru_cache(maxsize=4096)
def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar day that `instant` falls on in `time_zone`."""
    return instant.astimezone(zone(time_zone)).date()


@cache
def _working_days(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


@cache
def knows_holidays_of(country: str) -> bool:
    """Whether the public holidays of this country (ISO 3166-1 alpha-2) are known."""
    return country in holidays.list_supported_countries()


def is_business_day(day: date, country: str | None) -> bool:
    """Whether people work on `day`: public holidays do not count, make-up workdays do.

    Without a country, or for one whose holidays nobody knows, Monday to Friday. Source: the `holidays` library.

    >>> is_business_day(date(2026, 10, 1), "CN")
    False
    """
    if country is None or not knows_holidays_of(country):
        return day.weekday() < 5
    return bool(_working_days(country).is_working_day(day))


def is_public_holiday(day: date, country: str | None) -> bool:
    """Whether `day` is a public holiday there; never one without a country, or in one whose holidays nobody knows."""
    return country is not None and knows_holidays_of(country) and day in _working_days(country)


def next_business_day(day: date, country: str | None) -> date:
    """`day` itself when it is a business day, else the first one after it."""
    while not is_business_day(day, country):
        day += timedelta(days=1)
    return day
