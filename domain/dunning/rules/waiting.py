"""PURE: what of a decision may happen now: a hold keeps every step back, the contact policy what is written and all that comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.collections.hold_model import WITHOUT_END
from domain.dunning.rules.decide import SUPERSEDED, DecidedStep, Decision
from domain.dunning.rules.facts import CaseFacts
from domain.messaging.rules.contact_policy import Answer

ON_HOLD = "on_hold"


def allowed_now(decision: Decision, facts: CaseFacts, now: datetime) -> Decision:
    """The decision as far as hold and contact policy let it happen at `now`.

    What has to wait stays undecided, and no later rung overtakes it: not a task, a charge or an escalation either. What the policy
    denies is held with the ids of its rules. A settled case is closed whatever keeps it.
    """
    if not decision.steps:
        return decision
    if facts.held_until is not None and facts.held_until > now:
        until = None if facts.held_until == WITHOUT_END else facts.held_until
        return _waiting((), (ON_HOLD,), until)
    if facts.gate is None:
        return decision
    steps: list[DecidedStep] = []
    for position, step in enumerate(decision.steps):
        answer = _answer(step, facts, now)
        if answer is not None and answer.kind == "defer":
            return _waiting(_before(decision.steps, position, steps), answer.rules, answer.until)
        steps.append(_told(step, answer))
    return replace(decision, steps=tuple(steps))


def _waiting(steps: Sequence[DecidedStep], reasons: tuple[str, ...], until: datetime | None) -> Decision:
    return Decision(
        state="active",
        steps=tuple(steps),
        next_action_at=until,
        deferred_reasons=reasons,
        deferred_until=until,
    )


def _answer(step: DecidedStep, facts: CaseFacts, now: datetime) -> Answer | None:
    if step.contact is None or facts.gate is None:
        return None
    return facts.gate.answer(step.contact, step.step.action.type, now)


def _before(all_steps: Sequence[DecidedStep], position: int, told: Sequence[DecidedStep]) -> Sequence[DecidedStep]:
    """What was decided before the step that waits; an e-mail that it would have taken the place of waits with it."""
    for n, step in enumerate(all_steps[:position]):
        if SUPERSEDED in step.reasons:
            return told[:n]
    return told


def _told(step: DecidedStep, answer: Answer | None) -> DecidedStep:
    if answer is None:
        return step
    if answer.kind == "deny":
        return replace(step, outcome="held", reasons=answer.rules, contact=None)
    return replace(step, allowed_by=answer.rules)
