"""PURE: the day that a step counts from, and the day after which it makes no sense any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.steps import Step
from domain.kernel.calendar import local_date

BRANCHED_OVER = "branched_over"
DUE_DATE_PASSED = "due_date_passed"
DATE_PASSED = "date_passed"

UNKNOWN_BASE = {
    "issue_date": "no_issue_date",
    "new_due_date": "no_new_due_date",
    "previous_step": "previous_step_undecided",
    "promise": "no_promise",
    "discount_date": "no_discount",
}
"""Why a step has no day yet, by what it counts from."""

# A day of grace moves what comes after the due date; the other bases have moved already.
_BY_TERMS = frozenset({"due_date", "issue_date", "discount_date", "month_end"})
_MONTH = timedelta(days=31)


def base_of(steps: Sequence[Step], position: int, facts: CaseFacts) -> date | None:
    """The day that the step at `position` counts from; None while nobody knows it."""
    match steps[position].relative_to:
        case "due_date":
            return facts.due_on
        case "issue_date":
            return facts.issued_on
        case "new_due_date":
            return facts.new_due_on
        case "promise":
            return facts.promised_on
        case "discount_date":
            return facts.discount_until
        case "month_end":
            return end_of_month(facts.due_on)
        case "previous_step":
            return _decided_before(steps, position, facts)


def day_of(steps: Sequence[Step], position: int, facts: CaseFacts) -> date | None:
    """The day on which the step at `position` falls due; None while nobody knows it."""
    base, step = base_of(steps, position, facts), steps[position]
    if base is None:
        return None
    day = base + timedelta(days=step.offset_days)
    if facts.grace_days and day > facts.due_on and step.relative_to in _BY_TERMS:
        day += timedelta(days=facts.grace_days)
    return day


def last_sense(step: Step, base: date, facts: CaseFacts) -> tuple[date, str] | None:
    """The last day on which the step makes sense, and the reason to leave it out afterwards; None if it always does.

    What comes before a day makes no sense once that day is over, and a friendly word before the due date none after it.
    """
    if step.offset_days < 0:
        return base, DUE_DATE_PASSED if step.relative_to == "due_date" else DATE_PASSED
    if step.relative_to == "issue_date" and base + timedelta(days=step.offset_days) < facts.due_on:
        return facts.due_on, DUE_DATE_PASSED
    return None


def end_of_month(day: date) -> date:
    """The last day of the month.

    >>> end_of_month(date(2028, 2, 3))
    datetime.date(2028, 2, 29)
    """
    return (day.replace(day=1) + _MONTH).replace(day=1) - timedelta(days=1)


def _decided_before(steps: Sequence[Step], position: int, facts: CaseFacts) -> date | None:
    """The day on which the step before was decided; one that a branch led past does not count."""
    for step in reversed(steps[:position]):
        past = facts.occurrences.get(step.key)
        if past is None or past.withdrawn or past.decided_at is None:
            return None
        if BRANCHED_OVER not in past.reasons:
            return local_date(past.decided_at, facts.time_zone)
    return None
