"""Escalations: raised by the engine when a step says so, looked at by everybody else."""

from __future__ import annotations

from collections.abc import Sequence

from domain.collections import store
from domain.collections.model import Escalation, EscalationDraft
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.storage.transaction import reading


@use_case("escalations:read")
async def get_escalation(ctx: Context, escalation_id: str) -> Escalation:
    """One escalation; raises NotFound."""
    async with reading(ctx):
        return await store.get_escalation(ctx, escalation_id)


@use_case("escalations:read")
async def list_escalations(
    ctx: Context,
    page: PageRequest,
    *,
    customer_id: str | None = None,
    receivable_id: str | None = None,
    case_id: str | None = None,
) -> Page[Escalation]:
    """Escalations in the order in which they were raised."""
    async with reading(ctx):
        rows = await store.page_of_escalations(ctx, page, customer_id, receivable_id, case_id)
    return page_of(rows, page, lambda row: str(row["id"]), store.escalation_of)


async def raise_escalations(ctx: Context, drafts: Sequence[EscalationDraft]) -> list[Escalation]:
    """Raises escalations in the open transaction, in the order of the drafts, with one insert for all."""
    now = ctx.now()
    escalations = [
        Escalation(
            id=new_id("esc"),
            customer_id=draft.customer_id,
            receivable_id=draft.receivable_id,
            case_id=draft.case_id,
            step_key=draft.step_key,
            level=draft.level,
            open_amount=draft.open_amount,
            raised_at=now,
        )
        for draft in drafts
    ]
    await store.add_escalations(ctx, escalations)
    emit(ctx, *[NewEvent("escalation.raised", e.id, {"escalation": e}) for e in escalations])
    return escalations
