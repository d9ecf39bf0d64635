"""PURE: customers who pay on a certain day of the month: which day that is, and what is said before it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.dunning.rules.actions import is_writing
from domain.dunning.rules.steps import Step

if TYPE_CHECKING:
    from domain.dunning.rules.facts import CaseFacts

BEFORE_PAY_DAY = "before_pay_day"
LEAST_PAYMENTS = 3
TOLERANCE = 2
"""How many days a payment may be away from the pay day, before or after."""
# Four of five: one odd payment is no other habit. Within the tolerance lie at most 5 days of each of the 13 months looked at.
_PART, _OF = 4, 5
_MOST_DAYS = 5 * 13 * _OF // _PART


@dataclass(frozen=True, slots=True)
class PayDay:
    """The day of the month on which the customer pays; nothing is moved to a day before `since`, when the case was not known yet."""

    day: int
    since: date


@lru_cache(maxsize=16_384)
def pay_day_of(received_on: frozenset[date]) -> int | None:
    """The day of the month, 1 to 31, on which a customer pays, by the days on which payments came; None if there is no such habit.

    There is one if at least three of the days, and four of five, are within two days of it. Of several the one that most payments
    are near, the nearest to them, the earliest. In short months it is the last day.

    >>> pay_day_of(frozenset({date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 30)}))
    31
    >>> pay_day_of(frozenset({date(2026, 1, 5), date(2026, 2, 15), date(2026, 3, 25)}))
    """
    if not LEAST_PAYMENTS <= len(received_on) <= _MOST_DAYS:
        return None
    found = [_place(day) for day in received_on]
    ranked = [(*_nearness(found, day), day) for day in range(1, 32)]
    fewer, _, best = min(ranked)
    return best if -fewer >= LEAST_PAYMENTS and -fewer * _OF >= len(found) * _PART else None


def last_pay_day(day: int, until: date) -> date:
    """The last pay day on or before `until`."""
    own = _in_month(until.year, until.month, day)
    if own <= until:
        return own
    before = until.replace(day=1) - timedelta(days=1)
    return _in_month(before.year, before.month, day)


def before_pay_day(steps: Sequence[Step], step: Step, facts: CaseFacts) -> date | None:
    """The day on which a step that writes before the due date comes instead, as long before the last pay day until then; None if it stays.

    All such steps of a plan are moved or none, so that their order stays: none if the first of them would come before `since`.
    """
    if facts.pay_day is None or not writes_before_due_date(step):
        return None
    pays_on = last_pay_day(facts.pay_day.day, facts.due_on)
    first = min(one.offset_days for one in steps if writes_before_due_date(one))
    if pays_on == facts.due_on or pays_on + timedelta(days=first) < facts.pay_day.since:
        return None
    return pays_on + timedelta(days=step.offset_days)


def writes_before_due_date(step: Step) -> bool:
    """Whether the step writes a number of days before the due date."""
    return step.relative_to == "due_date" and step.offset_days < 0 and is_writing(step.action)


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _place(day: date) -> tuple[int, int, int]:
    """Day of the month, the month's days, and those of the month before."""
    before = day.replace(day=1) - timedelta(days=1)
    return day.day, monthrange(day.year, day.month)[1], before.day


def _nearness(places: Iterable[tuple[int, int, int]], day: int) -> tuple[int, int]:
    """How many days are near a pay day, negative, and how far those are from it together."""
    near = [away for place in places if (away := _away(place, day)) <= TOLERANCE]
    return -len(near), sum(near)


def _away(place: tuple[int, int, int], day: int) -> int:
    own, length, before = place
    here = abs(own - min(day, length))
    return min(here, length - own + day, own + before - min(day, before))
