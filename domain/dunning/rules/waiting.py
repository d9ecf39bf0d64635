"""PURE: what of a decision may happen now: a hold keeps every step back, the contact policy what is written and all that comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from domain.collections.hold_model import WITHOUT_END
from domain.dunning.rules.actions import is_writing
from domain.dunning.rules.contact import reached, recipient_for, ways_of
from domain.dunning.rules.decide import SUPERSEDED, DecidedStep, Decision
from domain.dunning.rules.facts import CaseFacts, ContactGate
from domain.dunning.rules.following import FOLLOWING
from domain.dunning.rules.pay_day import BEFORE_PAY_DAY
from domain.dunning.rules.silence import NO_REPLY
from domain.dunning.rules.verdicts import ONE_RUNG_A_DAY
from domain.kernel.calendar import instant_of, local_date, zone
from domain.messaging.rules.contact_policy import Answer

ON_HOLD = "on_hold"
# Reasons of a step that is done which do not come from the contact policy.
_BEHAVIOUR = FOLLOWING | {BEFORE_PAY_DAY, NO_REPLY}


@dataclass(frozen=True, slots=True)
class Waited:
    """The step that the contact policy has made wait until now, and the rules that did."""

    step_key: str
    reasons: tuple[str, ...]


def allowed_now(decision: Decision, facts: CaseFacts, now: datetime, waited: Waited | None = None) -> Decision:
    """The decision as far as hold and contact policy let it happen at `now`.

    What has to wait stays undecided, and no later rung overtakes it: not a task, a charge or an escalation either. Nor does a later
    e-mail take its place: it comes when its time has come, and the later one on a day after that. What the policy denies is held
    with the ids of its rules. A settled case is closed whatever keeps it.
    """
    if not decision.steps and not decision.asks:
        return decision
    if facts.held_until is not None and facts.held_until > now:
        until = None if facts.held_until == WITHOUT_END else facts.held_until
        return Decision(state="active", next_action_at=until, deferred_reasons=(ON_HOLD,), deferred_until=until)
    if facts.gate is None:
        return decision
    return _asked(_with_its_turn(decision, facts, waited, now), facts, facts.gate, waited, now)


def _with_its_turn(decision: Decision, facts: CaseFacts, waited: Waited | None, now: datetime) -> Decision:
    """The decision in which the e-mail that waited is not left out for one that has fallen due since; the rest is decided afterwards."""
    for position, step in enumerate(decision.steps):
        if waited is not None and step.step.key == waited.step_key and SUPERSEDED in step.reasons:
            rest = decision.steps[position + 1 :]
            later = next((one for one in rest if one.contact is not None), None)
            if later is None:
                return decision
            turn = _carried_out(step, facts)
            until_next = takewhile(lambda one: not is_writing(one.step.action), rest)
            steps = (*decision.steps[:position], turn, *until_next)
            return Decision(state="active", steps=steps, next_action_at=now)
    return decision


def _asked(decision: Decision, facts: CaseFacts, gate: ContactGate, waited: Waited | None, now: datetime) -> Decision:
    steps: list[DecidedStep] = []
    for position, step in enumerate(decision.steps):
        if step.contact is None:
            steps.append(step)
            continue
        before = _before(decision.steps, position, steps)
        if (wait := _own_day(step, decision.steps[len(before)], facts, now)) is not None:
            return _waiting(before, decision.steps[len(before)], wait)
        step, answer = _by_an_allowed_way(step, facts, gate, now)
        if answer.kind == "defer":
            return _waiting(before, step, answer)
        steps.append(_told(step, answer, waited))
    return replace(decision, steps=tuple(steps))


def _carried_out(step: DecidedStep, facts: CaseFacts) -> DecidedStep:
    """The step as if nothing had taken its place."""
    action = step.step.action
    assert is_writing(action)
    found = reached(step.step, action, facts)
    assert found is not None
    return replace(step, outcome="done", reasons=(), contact=found.contact, channel=found.channel)


def _by_an_allowed_way(
    step: DecidedStep, facts: CaseFacts, gate: ContactGate, now: datetime
) -> tuple[DecidedStep, Answer]:
    """The step by the first of its channels that the policy does not deny, and what it says of that; a time to wait for is no denial."""
    action = step.step.action
    assert is_writing(action)
    assert step.contact is not None
    channels = ways_of(step.step, action, facts)
    first = gate.answer(step.contact, step.channel or "email", now, step.step.key)
    if first.kind != "deny":
        return step, first
    for channel in channels[channels.index(step.channel or "email") + 1 :]:
        found = recipient_for(facts.contacts, (channel,), action.recipients)
        if found is not None and (answer := gate.answer(found.contact, channel, now, step.step.key)).kind != "deny":
            return replace(step, contact=found.contact, channel=channel), answer
    return step, first


def _waiting(before: Sequence[DecidedStep], step: DecidedStep, answer: Answer) -> Decision:
    return Decision(
        state="active",
        steps=tuple(before),
        next_action_at=answer.until,
        deferred_reasons=answer.rules,
        deferred_until=answer.until,
        deferred_step=step.step.key,
    )


def _own_day(step: DecidedStep, first: DecidedStep, facts: CaseFacts, now: datetime) -> Answer | None:
    """Not on the day of an e-mail that came so late because of the policy: the next day, at its own time of day.

    `first` is the earliest that fell due while that one waited: it is not left out either, so its time of day counts.
    """
    last = max(
        (past for past in facts.occurrences.values() if past.reminded_at and not past.withdrawn),
        key=lambda past: past.reminded_at or now,
        default=None,
    )
    if last is None or last.reminded_at is None or last.due_at is None or not set(last.reasons) - _BEHAVIOUR:
        return None
    if step.due_at <= last.due_at:
        return None
    own_time = first.due_at.astimezone(zone(facts.time_zone)).time()
    earliest = instant_of(local_date(last.reminded_at, facts.time_zone) + timedelta(days=1), own_time, facts.time_zone)
    return Answer("defer", earliest, (ONE_RUNG_A_DAY,)) if now < earliest else None


def _before(all_steps: Sequence[DecidedStep], position: int, told: Sequence[DecidedStep]) -> Sequence[DecidedStep]:
    """What was decided before the step that waits; an e-mail that it would have taken the place of waits with it."""
    for n, step in enumerate(all_steps[:position]):
        if SUPERSEDED in step.reasons:
            return told[:n]
    return told


def _told(step: DecidedStep, answer: Answer, waited: Waited | None) -> DecidedStep:
    if answer.kind == "deny":
        return replace(step, outcome="held", reasons=answer.rules, contact=None, channel=None)
    why_late = waited.reasons if waited is not None and waited.step_key == step.step.key else ()
    return replace(step, reasons=(*step.reasons, *why_late), allowed_by=answer.rules)
