"""PURE: when a step falls due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from domain.dunning.rules.steps import Step
from domain.kernel.calendar import instant_of, local_date

Pending = tuple[datetime, Step]


def instant_of_step(step: Step, due_on: date, time_zone: str, grace_days: int = 0) -> datetime:
    """The instant at which `step` of a receivable due on `due_on` falls due where the customer lives.

    Days of grace move what comes after the due date; what comes before it or on it stays.
    """
    offset = step.offset_days + grace_days if step.offset_days > 0 else step.offset_days
    return _instant(due_on, offset, step.time_of_day, time_zone)


def in_order(steps: Sequence[Step], due_on: date, time_zone: str, grace_days: int = 0) -> list[Pending]:
    """Every step with its instant, earliest first; steps of the same instant stay in the order of the plan."""
    return sorted(((instant_of_step(step, due_on, time_zone, grace_days), step) for step in steps), key=_at)


def kept_apart(
    pending: Sequence[Pending], days: int, due_on: date, last_on: date | None, time_zone: str
) -> list[Pending]:
    """Steps in order, each e-mail moved until `days` calendar days after the one before it, at its own time of day.

    The first counts from `last_on`, the day of the last notice. Tasks and escalations write to nobody and stay. An e-mail from
    before the due date that would come after it will not go out, so the next one does not wait for it.
    """
    moved = []
    for at, step in pending:
        if step.action.type == "email":
            if last_on is not None:
                at = max(at, _instant(last_on, days, step.time_of_day, time_zone))
            day = local_date(at, time_zone)
            if step.offset_days >= 0 or day <= due_on:
                last_on = day
        moved.append((at, step))
    return sorted(moved, key=_at)


def first_instant(steps: Sequence[Step], due_on: date, time_zone: str, grace_days: int = 0) -> datetime | None:
    """When the engine has to look at a new case for the first time."""
    return min((instant_of_step(step, due_on, time_zone, grace_days) for step in steps), default=None)


def _at(pending: Pending) -> datetime:
    return pending[0]


# Many receivables share a due date, and finding the offset of a zone costs more than all the rest of a decision.
@lru_cache(maxsize=65_536)
def _instant(due_on: date, offset_days: int, time_of_day: str, time_zone: str) -> datetime:
    return instant_of(due_on + timedelta(days=offset_days), time.fromisoformat(time_of_day), time_zone)
