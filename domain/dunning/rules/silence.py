"""PURE: customers who do not read or do not answer: when another channel follows, and when the next step comes earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.dunning.rules.facts import CaseFacts, LastOccurrence
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.schedule import Pending, instant_at, on_day
from domain.dunning.rules.steps import Step
from domain.kernel.calendar import local_date

NO_REPLY = "no_reply"
_UNDER_WAY = frozenset({"queued", "sending"})
UNREAD = _UNDER_WAY | {"sent", "awaiting_confirmation", "delivered"}
_UNANSWERED = UNREAD | {"read", "clicked"}


def some_days_later(step: Step, past: LastOccurrence, days: int, facts: CaseFacts, now: datetime) -> datetime:
    """The instant so many of the customer's days after a notice left, at the step's own time of day.

    While it has not left, its step counts; once that time has come, the next day is another one to look.
    """
    wrote_at = past.left_at or past.decided_at
    assert wrote_at is not None
    at = on_day(local_date(wrote_at, facts.time_zone) + timedelta(days=days), step, facts.time_zone)
    if at > now or past.left_at is not None or past.notice_state not in _UNDER_WAY:
        return at
    today = local_date(now, facts.time_zone)
    at = on_day(today, step, facts.time_zone)
    return at if at > now else on_day(today + timedelta(days=1), step, facts.time_zone)


def raised(
    steps: Sequence[Step], pending: Sequence[Pending], facts: CaseFacts, options: PlanOptions, now: datetime
) -> list[Pending]:
    """Steps in order, the next of them earlier if the customer has been silent for so long since the last notice.

    That is said only of a notice after the due date, and while no day that the customer was given or has promised is still to come.
    Each notice has one step come earlier. A charge keeps its own day, since its amount may depend on it.
    """
    days, last, found = options.raise_when_no_reply_days, facts.last_notice, list(pending)
    if days is None or last is None or not _is_unanswered(last, facts) or _has_raised(steps, last, facts):
        return found
    for n, (at, step) in enumerate(found):
        if step.action.type != "charge" and step.key not in facts.occurrences:
            early = some_days_later(step, last, days, facts, now)
            if early < at and not _may_still_pay(early, facts):
                found[n] = (early, step)
            break
    return sorted(found, key=_at)


def is_raised(steps: Sequence[Step], pair: Pending, facts: CaseFacts) -> bool:
    """Whether a step falls due before its own time."""
    at, step = pair
    position = next(n for n, one in enumerate(steps) if one.key == step.key)
    own = instant_at(steps, position, facts)
    return own is not None and at < own


def leaving_now(facts: CaseFacts, now: datetime) -> CaseFacts:
    """The facts as if whatever waits to be sent left now."""
    gone = {
        key: replace(past, left_at=now)
        for key, past in facts.occurrences.items()
        if past.notice_state in _UNDER_WAY and past.left_at is None
    }
    return replace(facts, occurrences={**facts.occurrences, **gone}) if gone else facts


def _is_unanswered(last: LastOccurrence, facts: CaseFacts) -> bool:
    wrote_at = last.left_at or last.decided_at
    if last.notice_state not in _UNANSWERED or wrote_at is None or facts.due_on_is_provisional:
        return False
    if local_date(wrote_at, facts.time_zone) <= facts.due_on:
        return False
    return facts.heard_at is None or facts.heard_at < wrote_at


def _has_raised(steps: Sequence[Step], last: LastOccurrence, facts: CaseFacts) -> bool:
    """Whether a step has been decided since that fell due before its own time."""
    assert last.decided_at is not None
    return any(
        past.decided_at > last.decided_at and is_raised(steps, (past.due_at, step), facts)
        for step in steps
        if (past := facts.occurrences.get(step.key)) is not None and past.decided_at is not None and past.due_at
    )


def _may_still_pay(at: datetime, facts: CaseFacts) -> bool:
    given = [day for day in (facts.new_due_on, facts.promised_on) if day is not None]
    return bool(given) and local_date(at, facts.time_zone) <= max(given)


def _at(pending: Pending) -> datetime:
    return pending[0]
