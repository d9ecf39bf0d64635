"""Use cases of cases: look at them, and at what was and will be."""

from __future__ import annotations

from domain.dunning import case_store as store
from domain.dunning import occurrence_store
from domain.dunning.case_members import page_of_members
from domain.dunning.model import Case, CaseReceivable, CaseState
from domain.dunning.outlook import look_ahead
from domain.dunning.telling import Manner, future_steps, past_steps, waiting_steps
from domain.dunning.timeline_model import CaseTimeline
from domain.kernel.context import Context
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.storage.query_plans import look_up_by_index
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
async def case_timeline(ctx: Context, case_id: str, *, texts: bool = False, locale: str | None = None) -> CaseTimeline:
    """What became of each step so far and why, and which steps are to come if nothing changes.

    With `texts` what each of them would say; codes are told in words of `locale`, without one in the tenant's. Raises NotFound.
    """
    manner = Manner(locale=locale or ctx.locale, texts=texts)
    async with reading(ctx):
        case = await store.get(ctx, case_id)
        await look_up_by_index(ctx)
        prospect = await look_ahead(ctx, case)
        past = await past_steps(ctx, await occurrence_store.of_case(ctx, case_id), manner)
        future = await future_steps(ctx, prospect, manner)
    return CaseTimeline(
        case=case,
        past=past,
        future=future,
        waiting=waiting_steps(prospect, manner),
        closes_as=prospect.outlook.closes_as,
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
