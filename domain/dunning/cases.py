"""Use cases of cases: look at them, and at what was and will be."""

from __future__ import annotations

from domain.dunning import case_store as store
from domain.dunning.case_members import page_of_members
from domain.dunning.facts_store import gather
from domain.dunning.model import Case, CaseReceivable, CaseState, CaseTimeline, FutureStep
from domain.dunning.plan_store import steps_of
from domain.dunning.query_plans import look_up_by_index
from domain.dunning.rules.decide import pending_steps
from domain.kernel.context import Context
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.storage.transaction import reading


@use_case("cases:read")
async def get_case(ctx: Context, case_id: str) -> Case:
    """One case; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, case_id)


@use_case("cases:read")
async def list_cases(
    ctx: Context,
    page: PageRequest,
    *,
    customer_id: str | None = None,
    receivable_id: str | None = None,
    state: CaseState | None = None,
) -> Page[Case]:
    """Cases in the order in which they were opened."""
    async with reading(ctx):
        rows = await store.page(ctx, page, customer_id, receivable_id, state)
    return page_of(rows, page, lambda row: str(row["id"]), store.case_of)


@use_case("cases:read")
async def case_timeline(ctx: Context, case_id: str) -> CaseTimeline:
    """What became of each step so far and why, and which steps are to come if nothing changes."""
    async with reading(ctx):
        case = await store.get(ctx, case_id)
        await look_up_by_index(ctx)
        past = await store.occurrences_of(ctx, case_id)
        gathered = await gather(ctx, [case])
        steps = await steps_of(ctx, {case.plan_version_id})
    is_active, facts = case.state == "active", gathered[case.id].facts
    future = pending_steps(steps[case.plan_version_id], facts, ctx.now()) if is_active else []
    return CaseTimeline(
        case=case,
        past=past,
        future=[FutureStep(step_key=step.key, due_at=due_at, action=step.action.type) for due_at, step in future],
    )


@use_case("cases:read")
async def list_case_receivables(ctx: Context, case_id: str, page: PageRequest) -> Page[CaseReceivable]:
    """The receivables that a case stands for, settled ones included, in the order of their ids; raises NotFound."""
    async with reading(ctx):
        case = await store.get(ctx, case_id)
        if case.receivable_id is not None:
            return Page([CaseReceivable(receivable_id=case.receivable_id, joined_at=case.opened_at)], None)
        rows = await page_of_members(ctx, case_id, page)
    return page_of(rows, page, lambda row: str(row["receivable_id"]), lambda row: CaseReceivable(**dict(row)))


@use_case("cases:read")
async def cases_by_ids(ctx: Context, ids: list[str]) -> dict[str, Case]:
    """Those cases that exist, by id, in one query."""
    async with reading(ctx):
        return await store.by_ids(ctx, ids)
