"""PURE: what becomes of a case on its way when it is moved to another version of its plan.

What was decided under a key stays decided. A step of the new version whose time has passed is left out, unless the case waited for
the same step when it was moved: so nothing is done twice, and nothing only because of the move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.dunning.rules.decide import pending_steps
from domain.dunning.rules.facts import CaseFacts, CaseState
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.projection import Expected, Outlook, project
from domain.dunning.rules.schedule import Pending
from domain.dunning.rules.steps import Step, is_gated
from domain.dunning.rules.verdicts import DecidedStep, after, next_number, skipped

BEFORE_MIGRATION = "before_migration"
ESCALATED = "escalated"
ANCHOR_CHANGED = "anchor_changed"
BRANCH_CHANGED = "branch_changed"
APPROVAL_OPEN = "approval_open"

_NOTHING = Outlook((), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a move would change, or why it cannot be.

    `was_next` is what would come next if the case stayed; `coming` and `waiting` is all that will come after the move, as things stand.
    `left_out` are decided by the move itself. `kept` were decided before and are in the new version too; `dropped` were not decided and
    are not in it any more.
    """

    reason: str | None
    was_next: Expected | None
    coming: Sequence[Expected] = ()
    waiting: Sequence[tuple[Step, str]] = ()
    left_out: Sequence[DecidedStep] = ()
    kept: Sequence[str] = ()
    dropped: Sequence[str] = ()


def move(old: Ladder, new: Ladder, state: CaseState, facts: tuple[CaseFacts, CaseFacts], now: datetime) -> Move:
    """What moving a case from `old` to `new` comes to at `now`; `facts` are as each of the two versions sees them."""
    before, known = facts
    outlook = project(old.steps, before, now, old.options) if state == "active" else _NOTHING
    was_next = outlook.expected[0] if outlook.expected else None
    if (reason := _against(old, new, state, before)) is not None:
        return Move(reason=reason, was_next=was_next)
    left_out = _behind(old, new, facts, now)
    coming = project(new.steps, after(known, left_out, now), now, new.options)
    old_keys, new_keys = {step.key for step in old.steps}, {step.key for step in new.steps}
    decided = {key for key, past in before.occurrences.items() if not past.withdrawn}
    return Move(
        reason=None,
        was_next=was_next,
        coming=coming.expected,
        waiting=coming.waiting,
        left_out=left_out,
        kept=[step.key for step in new.steps if step.key in decided],
        dropped=[step.key for step in old.steps if step.key in old_keys - new_keys - decided],
    )


def _against(old: Ladder, new: Ladder, state: CaseState, facts: CaseFacts) -> str | None:
    """Why a case cannot be moved: the new version could not go on from where it is."""
    if state == "escalated":
        return ESCALATED
    if old.options.anchor != new.options.anchor:
        return ANCHOR_CHANGED
    steps = {step.key: step for step in new.steps}
    if any(_leads_elsewhere(old, steps, key, past.branch) for key, past in facts.occurrences.items()):
        return BRANCH_CHANGED
    asked = {key for (key, number), approval in facts.approvals.items() if _is_open(facts, key, number, approval.state)}
    return APPROVAL_OPEN if any(key not in steps or not is_gated(steps[key]) for key in asked) else None


def _leads_elsewhere(old: Ladder, new: Mapping[str, Step], key: str, branch: int | None) -> bool:
    """Whether the branch that a step took is another one now: it is kept as a position."""
    if branch is None or key not in new:
        return False
    taken = next(step for step in old.steps if step.key == key).branches[branch]
    return new[key].branches[branch : branch + 1] != (taken,)


def _is_open(facts: CaseFacts, key: str, number: int, state: str) -> bool:
    past = facts.occurrences.get(key)
    return state == "open" and number > (past.number if past else 0)


def _behind(old: Ladder, new: Ladder, facts: tuple[CaseFacts, CaseFacts], now: datetime) -> list[DecidedStep]:
    """The steps of the new version whose time has passed and for which the case did not wait."""
    before, known = facts
    waited_for = {step.key for step in _due(old, before, now)}
    found: list[DecidedStep] = []
    # A step that counts from the one before it falls due only once that one is left out.
    while due := [pair for pair in _due_pairs(new, known, now) if pair[1].key not in waited_for]:
        passed = [skipped(step, next_number(step, known), at, BEFORE_MIGRATION) for at, step in due]
        known, found = after(known, passed, now), [*found, *passed]
    return found


def _due(ladder: Ladder, facts: CaseFacts, now: datetime) -> list[Step]:
    return [step for _, step in _due_pairs(ladder, facts, now)]


def _due_pairs(ladder: Ladder, facts: CaseFacts, now: datetime) -> list[Pending]:
    """What has fallen due and is not decided. While the due date is provisional its days are taken as they stand."""
    return [pair for pair in pending_steps(ladder.steps, facts, now) if pair[0] <= now]
