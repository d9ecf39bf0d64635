"""PURE: which of the plans that might remind of a receivable does, and why each of the others does not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

PlanSource = Literal["receivable", "customer", "segment", "default", "none"]
LosingReason = Literal[
    "less_specific", "lower_priority", "segment_not_matched", "plan_not_published", "outside_rollout"
]
EVERYBODY = 100
# A share of the customers is for what a rule decides; who names one customer or receivable means exactly that one.
_BY_RULE: tuple[PlanSource, ...] = ("segment", "default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A plan, and by what it might apply. Without `plan_version_id` the plan is not published."""

    source: PlanSource
    plan_id: str
    plan_name: str
    plan_version_id: str | None
    version: int | None
    does_nothing: bool = False
    rollout_percent: int = EVERYBODY
    assignment_id: str | None = None
    segment_id: str | None = None
    segment_matches: bool = True


@dataclass(frozen=True, slots=True)
class Loser:
    """A candidate that does not apply, and why."""

    candidate: Candidate
    reason: LosingReason


@dataclass(frozen=True, slots=True)
class Resolution:
    """The plan that applies, if any does, and all others in the order in which they were asked."""

    winner: Candidate | None
    losers: tuple[Loser, ...]


def resolve(candidates: Iterable[Candidate], tenant_id: str, customer_id: str) -> Resolution:
    """The first candidate that can apply wins; they come the most specific first: receivable, customer, segments, default.

    What stands in a candidate's own way is told before that another one was more specific.
    """
    winner: Candidate | None = None
    losers: list[Loser] = []
    for candidate in candidates:
        reason = _obstacle(candidate, tenant_id, customer_id)
        if reason is None and winner is None:
            winner = candidate
        else:
            losers.append(Loser(candidate, reason or _beaten(candidate, winner)))
    return Resolution(winner, tuple(losers))


def is_in_rollout(tenant_id: str, plan_id: str, customer_id: str, percent: int) -> bool:
    """Whether the customer is among the `percent` of a hundred who get the plan.

    It is the same today and tomorrow, and who is in stays in when the share grows. The hundredth that a customer falls into differs
    from plan to plan.
    """
    digest = hashlib.sha256(f"{tenant_id}:{plan_id}:{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % EVERYBODY < percent


def _obstacle(candidate: Candidate, tenant_id: str, customer_id: str) -> LosingReason | None:
    if not candidate.segment_matches:
        return "segment_not_matched"
    if candidate.plan_version_id is None:
        return "plan_not_published"
    if candidate.source in _BY_RULE and not is_in_rollout(
        tenant_id, candidate.plan_id, customer_id, candidate.rollout_percent
    ):
        return "outside_rollout"
    return None


def _beaten(candidate: Candidate, winner: Candidate | None) -> LosingReason:
    return "lower_priority" if winner is not None and winner.source == candidate.source else "less_specific"
