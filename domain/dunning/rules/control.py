"""PURE: what becomes of decisions in a plan that is paused, or only tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.dunning.rules.decide import DecidedStep, Decision, decide
from domain.dunning.rules.facts import CaseFacts, LastOccurrence
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.steps import is_gated
from domain.dunning.rules.verdicts import WouldBe
from domain.dunning.rules.waiting import Waited, allowed_now

PlanMode = Literal["live", "shadow"]
PlanRelease = Literal["automatic", "manual"]

PLAN_PAUSED = "plan_paused"
SHADOW_MODE = "shadow_mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanControl:
    """How a plan is run, whatever its versions say."""

    mode: PlanMode = "live"
    is_paused: bool = False
    release: PlanRelease = "automatic"

    @property
    def is_shadow(self) -> bool:
        """Whether the plan is only tried."""
        return self.mode == "shadow"

    @property
    def reasons(self) -> tuple[str, ...]:
        """What stands against doing anything for the plan at all."""
        return (*((PLAN_PAUSED,) if self.is_paused else ()), *((SHADOW_MODE,) if self.is_shadow else ()))


LIVE = PlanControl()


def decide_under(
    control: PlanControl, ladder: Ladder, facts: CaseFacts, now: datetime, waited: Waited | None = None
) -> Decision:
    """What happens in a case now, as far as hold, contact policy and a pause let it happen; in a plan that is only tried, what would."""
    if control.is_shadow:
        facts = as_if_done(facts)
    decision = allowed_now(decide(ladder.steps, facts, now, ladder.options), facts, now, waited)
    return _paused(decision) if control.is_paused else decision


def as_if_done(facts: CaseFacts) -> CaseFacts:
    """The facts as a plan that is only tried sees them: what it would have done counts as done, and nobody is asked to approve."""
    told = {key: _as_if(past) if past.would_be else past for key, past in facts.occurrences.items()}
    return replace(facts, occurrences=told, asks_nobody=True)


def _as_if(past: LastOccurrence) -> LastOccurrence:
    assert past.would_be is not None
    if past.would_use is None:
        return replace(past, outcome=past.would_be)
    return replace(
        past,
        outcome=past.would_be,
        reminded_at=past.decided_at,
        left_at=past.decided_at,
        notice_state="sent",
        notice_channel=past.would_use,
    )


def _paused(decision: Decision) -> Decision:
    """The decision of a paused plan: what is settled is closed, what has come to an end ends, and anything else that is due waits.

    It has no next action: nobody looks at it again before the plan is resumed or the facts change.
    """
    if not decision.steps and not decision.asks:
        return decision
    return Decision(state="active", deferred_reasons=(PLAN_PAUSED,))


def only_told(decision: Decision) -> Decision:
    """The decision of a plan that is only tried: steps say what they would have been. A case that would have left the ladder stays."""
    told = replace(decision, steps=tuple(_told(step) for step in decision.steps), asks=())
    return replace(told, state="active") if told.state == "escalated" else told


def _told(step: DecidedStep) -> DecidedStep:
    """What is left out anyway says so by itself."""
    if step.outcome == "skipped":
        return step
    would_be = WouldBe(
        outcome=step.outcome,
        reasons=step.reasons,
        contact=step.contact,
        channel=step.channel,
        needs_approval=is_gated(step.step),
    )
    return replace(
        step, outcome="skipped", reasons=(SHADOW_MODE,), contact=None, channel=None, approval=None, would_be=would_be
    )
