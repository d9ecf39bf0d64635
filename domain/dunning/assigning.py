"""Which plan applies: that of the receivable, else that of the customer, else that of the first segment, else the default one.

For a batch it takes four statements at most, however many receivables, segments and plans there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.dunning import assigning_store as store
from domain.dunning.assigning_store import Plan, Rule, Subject
from domain.dunning.rules.assigning import Candidate, PlanSource, Resolution, resolve
from domain.kernel.context import Context
from domain.segments.matching import segments_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """The published plan that reminds of a receivable, and by what it was chosen."""

    plan_id: str
    plan_version_id: str
    source: PlanSource
    does_nothing: bool


async def plans_for(ctx: Context, receivable_ids: Sequence[str]) -> dict[str, Assigned]:
    """The plan of each of these receivables, by receivable id; one that no plan applies to is not in it."""
    if not receivable_ids:
        return {}
    resolved = await resolutions(ctx, await store.receivables(ctx, receivable_ids))
    return {
        subject_id: Assigned(
            plan_id=winner.plan_id,
            plan_version_id=winner.plan_version_id,
            source=winner.source,
            does_nothing=winner.does_nothing,
        )
        for subject_id, resolution in resolved.items()
        if (winner := resolution.winner) is not None and winner.plan_version_id is not None
    }


async def resolutions(ctx: Context, subjects: Sequence[Subject]) -> dict[str, Resolution]:
    """What applies to each of these, and what does not and why, by the subject's id."""
    if not subjects:
        return {}
    rules = await store.rules(ctx)
    named = {plan_id for subject in subjects for plan_id in (subject.own_plan_id, subject.customer_plan_id) if plan_id}
    plans = await store.plans(ctx, named | {rule.plan_id for rule in rules})
    matched: Mapping[str, frozenset[str]] = {}
    if rules:
        customer_ids = list(dict.fromkeys(subject.customer_id for subject in subjects))
        matched = await segments_of(ctx, customer_ids, {rule.segment_id: rule.predicate for rule in rules})
    return {
        subject.id: resolve(
            _candidates(subject, plans, rules, matched.get(subject.customer_id, frozenset())),
            ctx.tenant_id,
            subject.customer_id,
        )
        for subject in subjects
    }


def _candidates(
    subject: Subject, plans: Mapping[str, Plan], rules: Sequence[Rule], segments: frozenset[str]
) -> Iterator[Candidate]:
    if subject.own_plan_id:
        yield plans[subject.own_plan_id].by("receivable")
    if subject.customer_plan_id:
        yield plans[subject.customer_plan_id].by("customer")
    for rule in rules:
        yield plans[rule.plan_id].by("segment", rule, matches=rule.segment_id in segments)
    yield from (plan.by("default") for plan in plans.values() if plan.is_default)
