"""Escalations on a real PostgreSQL."""

from __future__ import annotations

import pytest

from domain.collections.escalations import get_escalation, list_escalations
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from tests.factories_dunning import a_debtor, a_plan, a_receivable, escalation_step, events_of, run_at


async def test_escalations_of_a_batch_are_raised_each_with_its_event(ctx: Context) -> None:
    await a_plan(ctx, steps=[escalation_step("agency", -2, "agency")])
    customer = await a_debtor(ctx)
    owed = [await a_receivable(ctx, customer, number=f"INV-{n}") for n in range(3)]
    ctx = await run_at(ctx, owed[0].created_at.replace(day=9))
    raised = (await list_escalations(ctx, PageRequest())).items
    assert [(e.receivable_id, e.level, e.step_key) for e in raised] == [(r.id, "agency", "agency") for r in owed]
    assert await get_escalation(ctx, raised[0].id) == raised[0]
    assert [event.object_id for event in await events_of(ctx, "escalation.raised")] == [e.id for e in raised]
    assert (await list_escalations(ctx, PageRequest(), receivable_id=owed[1].id)).items == [raised[1]]
    assert (await list_escalations(ctx, PageRequest(), customer_id="cus_x")).items == []
    assert (await list_escalations(ctx, PageRequest(limit=2, after=raised[0].id))).items == raised[1:]


async def test_an_unknown_escalation_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound) as missing:
        await get_escalation(ctx, "esc_00000000000000000000000000")
    assert missing.value.code == "escalation_not_found"
