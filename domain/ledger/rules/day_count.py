"""PURE: day count conventions: which part of a year lies between two days.

Sources: ISDA 2006 Definitions section 4.16: (b) Actual/Actual ISDA, (d) Actual/365 Fixed, (e) Actual/360, (g) 30E/360.
"""

from __future__ import annotations

import calendar
from datetime import date
from fractions import Fraction
from typing import Literal, assert_never

DayCount = Literal["ACT/365F", "ACT/360", "ACT/ACT", "30E/360"]


def year_fraction(start: date, end: date, convention: DayCount) -> Fraction:
    """The part of a year from `start` (included) to `end` (not included), exact.

    >>> year_fraction(date(2026, 1, 1), date(2027, 1, 1), "ACT/360")
    Fraction(73, 72)
    >>> year_fraction(date(2026, 1, 31), date(2026, 2, 28), "30E/360")
    Fraction(7, 90)
    >>> year_fraction(date(2027, 7, 1), date(2028, 7, 1), "ACT/ACT") == Fraction(184, 365) + Fraction(182, 366)
    True
    """
    match convention:
        case "ACT/365F":
            return Fraction((end - start).days, 365)
        case "ACT/360":
            return Fraction((end - start).days, 360)
        case "30E/360":
            return _thirty_e_360(start, end)
        case "ACT/ACT":
            return _actual_actual(start, end)
        case _:
            assert_never(convention)


def _thirty_e_360(start: date, end: date) -> Fraction:
    days = min(end.day, 30) - min(start.day, 30)
    return Fraction(360 * (end.year - start.year) + 30 * (end.month - start.month) + days, 360)


def _actual_actual(start: date, end: date) -> Fraction:
    total = Fraction(0)
    while start < end:
        year_end = date(start.year + 1, 1, 1)
        until = min(end, year_end)
        total += Fraction((until - start).days, 366 if calendar.isleap(start.year) else 365)
        start = until
    return total
