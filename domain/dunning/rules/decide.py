"""PURE: what happens in a case now. State is recomputed from facts, so deciding again after any event does no harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.dunning.rules.contact import contact_for_email
from domain.dunning.rules.entering import OLD_DEBT
from domain.dunning.rules.facts import CaseFacts, CaseState, CloseReason, ContactFacts, LastOccurrence, OutcomeKind
from domain.dunning.rules.holds import reasons_to_hold
from domain.dunning.rules.ladder import ladder
from domain.dunning.rules.schedule import Pending, kept_apart
from domain.dunning.rules.steps import Step
from domain.kernel.calendar import local_date

SUPERSEDED = "superseded"
DUE_DATE_PASSED = "due_date_passed"
DUE_DATE_PROVISIONAL = "due_date_provisional"
MINIMUM_GAP = "minimum_gap"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedStep:
    """What becomes of one step; `contact` is the one to write to if it is an e-mail that goes out."""

    step: Step
    number: int
    due_at: datetime
    outcome: OutcomeKind
    reasons: tuple[str, ...] = ()
    contact: ContactFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of the case: steps decided now, the state afterwards, when to look again, and why a due step has to wait."""

    state: CaseState
    steps: tuple[DecidedStep, ...] = ()
    close_reason: CloseReason | None = None
    next_action_at: datetime | None = None
    deferred_reasons: tuple[str, ...] = ()


def decide(steps: Sequence[Step], facts: CaseFacts, now: datetime) -> Decision:
    """Decides every step that has fallen due since the last decision.

    After an outage, or for a debt that is old already, several steps are due at once: then only the latest e-mail goes
    out. Tasks, charges and escalations are all carried out. An escalation ends the ladder: what comes after it is left to people.
    A case without steps to come stays active until the receivable is settled. An e-mail that would follow the one before it too
    soon for this receivable is moved, not skipped. While the due date is provisional nobody knows whether a step has fallen due:
    it waits, undecided, until a change of the receivable wakes the case.
    """
    if facts.is_settled:
        return Decision(state="closed", close_reason=facts.settled_as)
    if facts.is_escalated:
        return Decision(state="escalated")
    ordered, left_out = ladder(steps, facts, now)
    pending = _pending(ordered, facts)
    due = [pair for pair in pending if pair[0] <= now]
    if due and facts.due_on_is_provisional:
        return Decision(state="active", deferred_reasons=(DUE_DATE_PROVISIONAL,))
    decided = _decide_due(due, facts, now, left_out)
    if any(_escalates(one) for one in decided):
        return Decision(state="escalated", steps=decided)
    if decided and facts.minimum_days_between:
        # What was written now, or was held, is another day to count the next notices from: some may even be due already.
        rest = decide(steps, _after(facts, decided, now), now)
        return replace(rest, steps=(*decided, *rest.steps))
    pending = pending[len(due) :]
    return Decision(
        state="active",
        steps=decided,
        next_action_at=pending[0][0] if pending else None,
        deferred_reasons=_reasons_to_wait(pending, ordered, facts),
    )


def pending_steps(steps: Sequence[Step], facts: CaseFacts, now: datetime = _LONG_AGO) -> list[Pending]:
    """The steps that are not decided yet and are not left out, in the order in which they fall due as things stand at `now`."""
    if facts.is_settled or facts.is_escalated:
        return []
    ordered, left_out = ladder(steps, facts, now)
    return [pair for pair in _pending(ordered, facts) if pair[1].key not in left_out]


def _pending(ordered: Sequence[Pending], facts: CaseFacts) -> list[Pending]:
    pending = [pair for pair in ordered if _is_pending(pair[1], facts)]
    if not facts.minimum_days_between:
        return pending
    return kept_apart(pending, facts.minimum_days_between, facts.due_on, facts.last_reminded_on, facts.time_zone)


def _reasons_to_wait(pending: Sequence[Pending], ordered: Sequence[Pending], facts: CaseFacts) -> tuple[str, ...]:
    """Whether a step that falls due by the next action has to wait longer, because of the notice before it."""
    if not facts.minimum_days_between:
        return ()
    own = {step.key: at for at, step in ordered}
    waits = any(own[step.key] < at and own[step.key] <= pending[0][0] for at, step in pending)
    return (MINIMUM_GAP,) if waits else ()


def _after(facts: CaseFacts, decided: Sequence[DecidedStep], now: datetime) -> CaseFacts:
    """The facts as they are once what was decided now has happened."""
    happened = {
        one.step.key: LastOccurrence(
            number=one.number,
            outcome=one.outcome,
            reasons=one.reasons,
            is_escalation=one.step.action.type == "escalation",
            reminded_at=now if one.contact is not None else None,
        )
        for one in decided
    }
    return replace(facts, occurrences={**facts.occurrences, **happened})


def _is_pending(step: Step, facts: CaseFacts) -> bool:
    past = facts.occurrences.get(step.key)
    return past is None or past.withdrawn


def _decide_due(
    due: list[Pending], facts: CaseFacts, now: datetime, left_out: frozenset[str]
) -> tuple[DecidedStep, ...]:
    skipped = tuple(_left_out(pair, facts) for pair in due if pair[1].key in left_out)
    due = _up_to_escalation([pair for pair in due if pair[1].key not in left_out], facts, now)
    emails = [pair for pair in due if pair[1].action.type == "email" and not _came_too_late(pair[1], facts, now)]
    return (*skipped, *(_decide_step(pair, facts, now, superseded=pair in emails[:-1]) for pair in due))


def _left_out(pair: Pending, facts: CaseFacts) -> DecidedStep:
    return _not_done(pair[1], _number(pair[1], facts), pair[0], "skipped", (OLD_DEBT,))


def _up_to_escalation(due: list[Pending], facts: CaseFacts, now: datetime) -> list[Pending]:
    for position, pair in enumerate(due):
        if pair[1].action.type == "escalation" and _decide_step(pair, facts, now, superseded=False).outcome == "done":
            return due[: position + 1]
    return due


def _decide_step(pair: Pending, facts: CaseFacts, now: datetime, *, superseded: bool) -> DecidedStep:
    due_at, step = pair
    number = _number(step, facts)
    if _came_too_late(step, facts, now):
        return _not_done(step, number, due_at, "skipped", (DUE_DATE_PASSED,))
    if superseded:
        return _not_done(step, number, due_at, "skipped", (SUPERSEDED,))
    if reasons := reasons_to_hold(step.action.type, facts):
        return _not_done(step, number, due_at, "held", reasons)
    contact = contact_for_email(facts.contacts) if step.action.type == "email" else None
    return DecidedStep(step=step, number=number, due_at=due_at, outcome="done", contact=contact)


def _number(step: Step, facts: CaseFacts) -> int:
    past = facts.occurrences.get(step.key)
    return past.number + 1 if past else 1


def _not_done(step: Step, number: int, due_at: datetime, outcome: OutcomeKind, reasons: tuple[str, ...]) -> DecidedStep:
    return DecidedStep(step=step, number=number, due_at=due_at, outcome=outcome, reasons=reasons)


def _came_too_late(step: Step, facts: CaseFacts, now: datetime) -> bool:
    """A friendly word before the due date makes no sense once that date is over."""
    return step.offset_days < 0 and local_date(now, facts.time_zone) > facts.due_on


def _escalates(decided: DecidedStep) -> bool:
    return decided.step.action.type == "escalation" and decided.outcome == "done"
