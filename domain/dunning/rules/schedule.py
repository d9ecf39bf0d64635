"""PURE: when a step falls due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from domain.dunning.rules.steps import Step
from domain.kernel.calendar import instant_of


def instant_of_step(step: Step, due_on: date, time_zone: str) -> datetime:
    """The instant at which `step` of a receivable due on `due_on` falls due where the customer lives."""
    return _instant(due_on, step.offset_days, step.time_of_day, time_zone)


def in_order(steps: Sequence[Step], due_on: date, time_zone: str) -> list[tuple[datetime, Step]]:
    """Every step with its instant, earliest first; steps of the same instant stay in the order of the plan."""
    return sorted(((instant_of_step(step, due_on, time_zone), step) for step in steps), key=lambda pair: pair[0])


def first_instant(steps: Sequence[Step], due_on: date, time_zone: str) -> datetime | None:
    """When the engine has to look at a new case for the first time."""
    return min((instant_of_step(step, due_on, time_zone) for step in steps), default=None)


# Many receivables share a due date, and finding the offset of a zone costs more than all the rest of a decision.
@lru_cache(maxsize=65_536)
def _instant(due_on: date, offset_days: int, time_of_day: str, time_zone: str) -> datetime:
    return instant_of(due_on + timedelta(days=offset_days), time.fromisoformat(time_of_day), time_zone)
