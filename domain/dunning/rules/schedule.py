"""PURE: when a step falls due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from domain.dunning.rules.actions import is_writing
from domain.dunning.rules.bases import base_of, day_of, last_sense
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.pay_day import before_pay_day
from domain.dunning.rules.steps import Step
from domain.kernel.calendar import instant_of, local_date

Pending = tuple[datetime, Step]


def instant_of_step(step: Step, due_on: date, time_zone: str, grace_days: int = 0) -> datetime:
    """The instant at which a step that counts from the due date falls due where the customer lives.

    Days of grace move what comes after the due date; what comes before it or on it stays.
    """
    offset = step.offset_days + grace_days if step.offset_days > 0 else step.offset_days
    return _instant(due_on, offset, step.starts_at, time_zone)


def on_day(day: date, step: Step, time_zone: str) -> datetime:
    """The step's own time on a day."""
    return _instant(day, 0, step.starts_at, time_zone)


def instants(steps: Sequence[Step], facts: CaseFacts) -> list[Pending]:
    """Every step that is not decided and whose day is known, earliest first; of the same instant in the order of the plan."""
    found = []
    for position, step in enumerate(steps):
        past = facts.occurrences.get(step.key)
        if past is not None and not past.withdrawn:
            if past.again_at is not None:
                found.append((past.again_at, step))
            continue
        if (at := instant_at(steps, position, facts)) is not None:
            found.append((at, step))
    return sorted(found, key=_at)


def instant_at(steps: Sequence[Step], position: int, facts: CaseFacts) -> datetime | None:
    """When the step at `position` falls due by itself; None while its day is not known."""
    step = steps[position]
    if step.relative_to == "due_date":
        if facts.pay_day is not None and (day := before_pay_day(steps, step, facts)) is not None:
            return on_day(day, step, facts.time_zone)
        return instant_of_step(step, facts.due_on, facts.time_zone, facts.grace_days)
    day = day_of(steps, position, facts)
    return None if day is None else _instant(day, 0, step.starts_at, facts.time_zone)


def kept_apart(pending: Sequence[Pending], steps: Sequence[Step], facts: CaseFacts) -> list[Pending]:
    """Steps in order, each notice moved until the minimum of calendar days after the one before it, at its own time of day.

    The first counts from the day of the last notice. Tasks and escalations write to nobody and stay. A notice from before a day
    that would come after it will not go out, so the next one does not wait for it.
    """
    moved, last_on = [], facts.last_reminded_on
    positions = {step.key: position for position, step in enumerate(steps)}
    for at, step in pending:
        if is_writing(step.action):
            if last_on is not None:
                at = max(at, _instant(last_on, facts.minimum_days_between, step.starts_at, facts.time_zone))
            day, base = local_date(at, facts.time_zone), base_of(steps, positions[step.key], facts)
            sense = last_sense(step, base, facts) if base is not None else None
            if sense is None or day <= sense[0]:
                last_on = day
        moved.append((at, step))
    return sorted(moved, key=_at)


def first_instant(steps: Sequence[Step], due_on: date, time_zone: str, grace_days: int = 0) -> datetime | None:
    """When the first of these steps falls due, all of which count from the due date."""
    return min((instant_of_step(step, due_on, time_zone, grace_days) for step in steps), default=None)


def first_look(steps: Sequence[Step], due_on: date, time_zone: str, grace_days: int, now: datetime) -> datetime | None:
    """When the engine has to look at a new case for the first time: at once if a step counts from anything but the due date."""
    if any(step.relative_to != "due_date" for step in steps):
        return now
    return first_instant(steps, due_on, time_zone, grace_days)


def _at(pending: Pending) -> datetime:
    return pending[0]


# Many receivables share a due date, and finding the offset of a zone costs more than all the rest of a decision.
@lru_cache(maxsize=65_536)
def _instant(due_on: date, offset_days: int, time_of_day: str, time_zone: str) -> datetime:
    return instant_of(due_on + timedelta(days=offset_days), time.fromisoformat(time_of_day), time_zone)
