"""PURE: goes through the steps that are due, in their order, and follows the branches that they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from domain.dunning.rules.actions import is_writing
from domain.dunning.rules.branching import branch_taken, led_past, stops
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.schedule import Pending
from domain.dunning.rules.verdicts import DecidedStep, Plan, Waiting, after, judge, skipped

SUPERSEDED = "superseded"


@dataclass(slots=True)
class Walk:
    """What became of the steps on the way, in order, and how it ended."""

    verdicts: list[DecidedStep | Waiting] = field(default_factory=list)
    ended: Literal["escalated", "stopped"] | None = None

    @property
    def steps(self) -> list[DecidedStep]:
        """What was decided."""
        return [one for one in self.verdicts if isinstance(one, DecidedStep)]

    @property
    def waiting(self) -> list[Waiting]:
        """What has to wait."""
        return [one for one in self.verdicts if isinstance(one, Waiting)]

    @property
    def is_blocked(self) -> bool:
        """Whether nothing more may be decided until somebody has said something."""
        return any(one.blocks for one in self.waiting)


def walk(plan: Plan, due: Sequence[Pending], facts: CaseFacts) -> Walk:
    """Decides each step that is due.

    The way through the plan is the one that the case would have gone in time; but of several notices on it that are due at once
    only the last is sent. An escalation that is carried out and a branch that stops end it, a step that waits for somebody stops it.
    """
    taken, rest = Walk(), list(due)
    while rest and taken.ended is None:
        pair = rest.pop(0)
        verdict = judge(plan, pair, facts)
        if isinstance(verdict, Waiting):
            taken.verdicts.append(verdict)
            if verdict.blocks:
                break
            continue
        if verdict.step.branches:
            verdict = replace(verdict, branch=branch_taken(verdict, facts, plan.now))
        left_out = led_past(plan, verdict, facts)
        _note(taken, verdict, left_out)
        if rest:
            gone = {one.step.key for one in left_out}
            rest = [pair for pair in rest if pair[1].key not in gone]
            facts = after(facts, [_unsaid(verdict), *left_out], plan.now)
    return _without_superseded(taken)


def _note(taken: Walk, decided: DecidedStep, left_out: Sequence[DecidedStep]) -> None:
    gone = {one.step.key for one in left_out}
    taken.verdicts = [one for one in taken.verdicts if one.step.key not in gone]
    taken.verdicts += [decided, *left_out]
    if decided.step.action.type == "escalation" and decided.outcome == "done":
        taken.ended = "escalated"
    elif stops(decided.step, decided.branch):
        taken.ended = "stopped"


def _without_superseded(taken: Walk) -> Walk:
    if len(taken.verdicts) < 2:
        return taken
    last = max((n for n, one in enumerate(taken.verdicts) if _speaks(one)), default=0)
    for n, one in enumerate(taken.verdicts[:last]):
        if _gives_way(one):
            left_out = skipped(one.step, one.number, one.due_at, SUPERSEDED)
            branch = one.branch if isinstance(one, DecidedStep) else None
            taken.verdicts[n] = replace(left_out, branch=branch)
    return taken


def _speaks(verdict: DecidedStep | Waiting) -> bool:
    """Whether it is a notice that goes out, or would but for what holds it."""
    return isinstance(verdict, DecidedStep) and is_writing(verdict.step.action) and verdict.outcome != "skipped"


def _gives_way(verdict: DecidedStep | Waiting) -> bool:
    """Whether a later notice takes its place: not if somebody has to approve it, or has, nor if it does not go out anyway."""
    if not is_writing(verdict.step.action) or verdict.step.catch_up != "latest":
        return False
    if isinstance(verdict, Waiting):
        return not verdict.blocks
    return verdict.outcome != "skipped" and verdict.approval is None


def _unsaid(decided: DecidedStep) -> DecidedStep:
    """What the steps after it are told: of a notice that may still give way nobody knows yet whether it was sent."""
    return replace(decided, contact=None, channel=None) if decided.contact and _gives_way(decided) else decided
