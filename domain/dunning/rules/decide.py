"""PURE: what happens in a case now. State is recomputed from facts, so deciding again after any event does no harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from domain.dunning.rules.bases import DUE_DATE_PASSED
from domain.dunning.rules.branching import STOPPED, is_stopped, left_out
from domain.dunning.rules.conditions import is_met
from domain.dunning.rules.course import course
from domain.dunning.rules.entering import OLD_DEBT
from domain.dunning.rules.facts import CaseFacts, CaseState, CloseReason
from domain.dunning.rules.following import followed
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.schedule import Pending, instant_at, kept_apart
from domain.dunning.rules.silence import raised
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import (
    MOVED_BY_STEPS,
    ONE_RUNG_A_DAY,
    DecidedStep,
    Plan,
    Waiting,
    after,
    next_number,
    skipped,
)
from domain.dunning.rules.walk import SUPERSEDED, Walk, walk
from domain.kernel.records import record

__all__ = ["DUE_DATE_PASSED", "SUPERSEDED", "DecidedStep", "Decision", "decide", "pending_steps"]

DUE_DATE_PROVISIONAL = "due_date_provisional"
MINIMUM_GAP = "minimum_gap"
DEFAULTS = PlanOptions()
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_ENDS: dict[str, tuple[CaseState, CloseReason | None]] = {
    "escalated": ("escalated", None),
    "stopped": ("closed", "stopped"),
}


@record(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of the case: steps decided now, the state afterwards, when to look again, and why a due step has to wait.

    `deferred_until` is when it need not wait any longer; None while nothing waits, or nobody knows until when. `deferred_step` is the
    key of the step that the contact policy makes wait, or a notice just before it.
    `asks` are the steps that somebody has to approve and has not been asked about yet.
    """

    state: CaseState
    steps: tuple[DecidedStep, ...] = ()
    close_reason: CloseReason | None = None
    next_action_at: datetime | None = None
    deferred_reasons: tuple[str, ...] = ()
    deferred_until: datetime | None = None
    deferred_step: str | None = None
    asks: tuple[Waiting, ...] = ()


def decide(steps: Sequence[Step], facts: CaseFacts, now: datetime, options: PlanOptions = DEFAULTS) -> Decision:
    """Decides every step that has fallen due since the last decision.

    After an outage, or for a debt that is old already, several steps are due at once: then only the latest notice goes out, unless
    the steps say otherwise. Tasks, charges and escalations are all carried out. An escalation ends the ladder: what comes after it
    is left to people; so does a branch that stops, or `stop_when`. A case without steps to come stays active until the receivable
    is settled. A notice that would follow the one before it too soon for this receivable is moved, not skipped. While the due date
    is provisional nobody knows whether a step has fallen due: it waits, undecided, until a change of the receivable wakes the case.
    """
    if (ended := _ended(steps, facts)) is not None:
        return ended
    plan = Plan(steps=steps, options=options, now=now)
    told, facts = facts, followed(plan, facts)
    if options.stops is not None and is_met(options.stops, facts, now):
        every = left_out(plan, range(len(steps)), facts, STOPPED)
        return Decision(state="closed", close_reason="stopped", steps=tuple(every))
    pending, omitted = _pending(plan, facts)
    due = [pair for pair in pending if pair[0] <= now]
    if due and facts.due_on_is_provisional:
        return Decision(state="active", deferred_reasons=(DUE_DATE_PROVISIONAL,))
    taken = walk(plan, [pair for pair in due if pair[1].key not in omitted], facts)
    omissions = (skipped(step, next_number(step, facts), at, OLD_DEBT) for at, step in due if step.key in omitted)
    taken.verdicts[:0] = omissions
    decided = tuple(taken.steps)
    if taken.ended is not None:
        state, why = _ENDS[taken.ended]
        return Decision(state=state, close_reason=why, steps=decided)
    if decided and _looks_again(plan, facts):
        # Not from the marked facts: what was written now may have passed a step that was to be decided again.
        rest = decide(steps, after(told, decided, now), now, options)
        return replace(rest, steps=(*decided, *rest.steps))
    return _still_active(plan, facts, pending, taken)


def pending_steps(steps: Sequence[Step], facts: CaseFacts, now: datetime = _LONG_AGO) -> list[Pending]:
    """The steps that are not decided yet and whose day is known, in the order in which they fall due as things stand at `now`."""
    return _pending(Plan(steps=steps, options=DEFAULTS, now=now), facts)[0]


def _pending(plan: Plan, facts: CaseFacts) -> tuple[list[Pending], frozenset[str]]:
    """The same, and the keys of those that are left out because the debt is old."""
    if facts.is_settled or facts.is_escalated:
        return [], frozenset()
    pending, omitted = course(plan.steps, facts, plan.now)
    if plan.options.raise_when_no_reply_days is not None:
        pending = raised(plan.steps, pending, facts, plan.options, plan.now)
    return (kept_apart(pending, plan.steps, facts) if facts.minimum_days_between else pending), omitted


def _ended(steps: Sequence[Step], facts: CaseFacts) -> Decision | None:
    if facts.is_settled:
        return Decision(state="closed", close_reason=facts.settled_as)
    if facts.is_escalated:
        return Decision(state="escalated")
    if facts.occurrences and is_stopped(steps, facts):
        return Decision(state="closed", close_reason="stopped")
    return None


def _looks_again(plan: Plan, facts: CaseFacts) -> bool:
    """Whether what was decided now may have made something else due, or have ended the ladder.

    What was written now, or was held, is another day to count the next notices from, or to wait from for an answer; and a step may
    count from the one before it, or from the due date that a notice sets.
    """
    if facts.minimum_days_between or plan.options.stops is not None or plan.options.minds_silence:
        return True
    return any(step.relative_to in MOVED_BY_STEPS for step in plan.steps)


def _still_active(plan: Plan, facts: CaseFacts, pending: Sequence[Pending], taken: Walk) -> Decision:
    """When to look again: at the next step, or when one that waits may go on. Behind one that waits for somebody nothing moves."""
    steps, waiting = tuple(taken.steps), taken.waiting
    gone = {one.step.key for one in steps}
    later = [pair for pair in pending if pair[0] > plan.now and pair[1].key not in gone]
    gap = _moved_by_gap(plan, facts, later) if facts.minimum_days_between and not taken.is_blocked else ()
    if not waiting:
        next_at = later[0][0] if later else None
        return Decision(state="active", steps=steps, next_action_at=next_at, deferred_reasons=gap)
    looks = [one.until for one in waiting if one.until is not None]
    if later and not taken.is_blocked:
        looks.append(later[0][0])
    tomorrow = next((one for one in waiting if one.reason == ONE_RUNG_A_DAY), None)
    return Decision(
        state="active",
        steps=steps,
        deferred_until=tomorrow.until if tomorrow else None,
        deferred_step=tomorrow.step.key if tomorrow else None,
        next_action_at=min(looks, default=None),
        deferred_reasons=tuple(dict.fromkeys([*(one.reason for one in waiting), *gap])),
        asks=tuple(one for one in waiting if one.asks),
    )


def _moved_by_gap(plan: Plan, facts: CaseFacts, later: Sequence[Pending]) -> tuple[str, ...]:
    """Whether a step that falls due by the next action has to wait longer, because of the notice before it."""
    for at, step in later:
        past = facts.occurrences.get(step.key)
        again_at = past.again_at if past is not None else None
        own = again_at or instant_at(plan.steps, plan.position_of(step), facts)
        if own is not None and own < at and own <= later[0][0]:
            return (MINIMUM_GAP,)
    return ()
