"""PURE: where a case goes on after a step: at the next one, at a later one, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.dunning.rules.bases import BRANCHED_OVER
from domain.dunning.rules.conditions import is_met
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.schedule import instant_at
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import DecidedStep, Plan, next_number, skipped

STOPPED = "stopped"


def branch_taken(decided: DecidedStep, facts: CaseFacts, now: datetime) -> int | None:
    """The position of the first branch of the step that holds; the one taken before, if the step is only decided again."""
    past = facts.occurrences.get(decided.step.key)
    if past is not None and not past.elsewhere:
        return past.branch
    for position, branch in enumerate(decided.step.branches):
        if is_met(branch.test, facts, now, decided.outcome):
            return position
    return None


def is_stopped(steps: Sequence[Step], facts: CaseFacts) -> bool:
    """Whether the ladder ended here, as the occurrences tell."""
    taken = False
    for past in facts.occurrences.values():
        if past.reasons and STOPPED in past.reasons:
            return True
        taken = taken or past.branch is not None
    return taken and any(
        (own := facts.occurrences.get(step.key)) is not None and stops(step, own.branch) for step in steps
    )


def stops(step: Step, branch: int | None) -> bool:
    """Whether this branch of the step ends the ladder."""
    return branch is not None and step.branches[branch].stop


def led_past(plan: Plan, decided: DecidedStep, facts: CaseFacts) -> list[DecidedStep]:
    """What is left out because of the branch that a step took: the rungs in between, or all that is left."""
    if decided.branch is None:
        return []
    branch = decided.step.branches[decided.branch]
    if branch.stop:
        return left_out(plan, range(len(plan.steps)), facts, STOPPED, but=decided.step.key)
    first = plan.position_of(decided.step) + 1
    last = next(n for n, step in enumerate(plan.steps) if step.key == branch.go_to)
    return left_out(plan, range(first, last), facts, BRANCHED_OVER)


def left_out(
    plan: Plan, positions: range, facts: CaseFacts, reason: str, *, but: str | None = None
) -> list[DecidedStep]:
    """The steps at these positions that are not decided yet, left out; one without a day of its own as of now."""
    found = []
    for position in positions:
        step = plan.steps[position]
        past = facts.occurrences.get(step.key)
        if step.key != but and (past is None or past.withdrawn):
            due_at = instant_at(plan.steps, position, facts) or plan.now
            found.append(skipped(step, next_number(step, facts), due_at, reason))
    return found
