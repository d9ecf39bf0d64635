"""PURE: what will become of a case if nothing changes: the decisions of the future, taken by the rule that takes the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.dunning.rules.bases import UNKNOWN_BASE
from domain.dunning.rules.decide import DEFAULTS, DUE_DATE_PROVISIONAL, Decision, decide
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.schedule import instant_at
from domain.dunning.rules.silence import leaving_now
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import AWAITING_APPROVAL, DecidedStep, after


@dataclass(frozen=True, slots=True)
class Expected:
    """What will be decided of a step, and when; `at` is in the past only for what is due already."""

    at: datetime
    decided: DecidedStep


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will be decided, in order, and which steps have no day yet, with the reason."""

    expected: tuple[Expected, ...]
    waiting: tuple[tuple[Step, str], ...]


def project(steps: Sequence[Step], facts: CaseFacts, now: datetime, options: PlanOptions = DEFAULTS) -> Outlook:
    """Steps from decision to decision, as the engine will, until nothing is left to look at.

    What waits to be sent is taken to leave now, and nothing to be read or answered.
    While the due date is provisional, dates are told as they would be if it stood.
    """
    provisional = (DUE_DATE_PROVISIONAL,) if facts.due_on_is_provisional else ()
    facts, expected = replace(facts, due_on_is_provisional=False), list[Expected]()
    if options.minds_silence:
        facts = leaving_now(facts, now)
    at: datetime | None = now
    while at is not None:
        decision = decide(steps, facts, at, options)
        for one in decision.steps:
            told = replace(one, reasons=(*one.reasons, *provisional))
            expected.append(Expected(min(one.due_at, at) if at == now else at, told))
        facts, now_at, at = after(facts, decision.steps, at), at, decision.next_action_at
        assert at is None or at > now_at
    return Outlook(tuple(expected), _waiting(steps, facts, decision))


def _waiting(steps: Sequence[Step], facts: CaseFacts, last: Decision) -> tuple[tuple[Step, str], ...]:
    """The steps that are left once nothing moves any more: behind a gate, or without a day to count from."""
    if last.state != "active":
        return ()
    found = []
    for position, step in enumerate(steps):
        past = facts.occurrences.get(step.key)
        if past is not None and not past.withdrawn:
            continue
        known = instant_at(steps, position, facts) is not None
        found.append((step, AWAITING_APPROVAL if known else UNKNOWN_BASE[step.relative_to]))
    return tuple(found)
