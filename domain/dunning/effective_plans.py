"""Use cases that say which plan applies and why each of the others does not."""

from __future__ import annotations

from typing import Any

from domain.dunning import assigning_store as store
from domain.dunning.assigning import resolutions
from domain.dunning.assigning_model import EffectivePlan, LosingPlan, WinningPlan
from domain.dunning.assigning_store import Subject
from domain.dunning.rules.assigning import Candidate
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.usecase import use_case
from domain.storage.transaction import reading


@use_case("plans:read")
async def get_receivable_plan(ctx: Context, receivable_id: str) -> EffectivePlan:
    """The plan that applies to a receivable now; raises NotFound. A running case that has acted keeps the one it began with."""
    async with reading(ctx):
        return await effective_plan(ctx, receivable_id)


@use_case("plans:read")
async def get_customer_plan(ctx: Context, customer_id: str) -> EffectivePlan:
    """The plan that applies to what a customer owes and what has no plan of its own; raises NotFound."""
    async with reading(ctx):
        subjects = await store.customers(ctx, [customer_id])
        if not subjects:
            raise NotFound.of("customer", customer_id)
        return await _effective(ctx, subjects[0], None)


async def effective_plan(ctx: Context, receivable_id: str) -> EffectivePlan:
    """The same in the open transaction; raises NotFound."""
    subjects = await store.receivables(ctx, [receivable_id])
    if not subjects:
        raise NotFound.of("receivable", receivable_id)
    return await _effective(ctx, subjects[0], receivable_id)


async def _effective(ctx: Context, subject: Subject, receivable_id: str | None) -> EffectivePlan:
    resolution = (await resolutions(ctx, [subject]))[subject.id]
    case_id, case_plan_id = await store.case_of(ctx, receivable_id) if receivable_id else (None, None)
    winner = resolution.winner
    return EffectivePlan(
        customer_id=subject.customer_id,
        receivable_id=receivable_id,
        winner=WinningPlan(**_shown(winner), plan_version_id=winner.plan_version_id)
        if winner
        else WinningPlan(source="none"),
        losers=[LosingPlan(**_shown(loser.candidate), reason=loser.reason) for loser in resolution.losers],
        case_id=case_id,
        case_plan_id=case_plan_id,
    )


def _shown(candidate: Candidate) -> dict[str, Any]:
    names = ("source", "plan_id", "plan_name", "version", "does_nothing", "assignment_id", "segment_id")
    return {name: getattr(candidate, name) for name in names}
