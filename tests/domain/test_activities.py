"""Collection activities on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.collections.activities import get_activity, list_activities, record_activity
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from tests.factories import a_customer
from tests.factories_dunning import a_debtor, a_receivable, events_of


async def test_a_call_about_a_receivable_is_recorded_and_told(ctx: Context) -> None:
    customer = await a_debtor(ctx)
    receivable = await a_receivable(ctx, customer)
    called_at = datetime(2026, 1, 4, 9, 0, tzinfo=UTC)
    call = await record_activity(
        ctx,
        customer_id=customer.id,
        receivable_id=receivable.id,
        kind="call",
        outcome="promised",
        summary="Will pay on Friday.",
        occurred_at=called_at,
    )
    assert await get_activity(ctx, call.id) == call
    assert (call.occurred_at, call.created_at, call.recorded_by) == (called_at, ctx.now(), "cli_test")
    (event,) = await events_of(ctx, "activity.recorded")
    assert event.data["activity"]["summary"] == "Will pay on Friday."


async def test_activities_are_listed_by_customer_and_receivable(ctx: Context) -> None:
    customer, other = await a_debtor(ctx), await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    note = await record_activity(ctx, customer_id=customer.id, kind="note", summary="Moved house.")
    visit = await record_activity(
        ctx, customer_id=customer.id, receivable_id=receivable.id, kind="visit", summary="Nobody there."
    )
    await record_activity(ctx, customer_id=other.id, kind="letter", summary="Asked for a copy.")
    assert (await list_activities(ctx, PageRequest(), customer_id=customer.id)).items == [note, visit]
    assert (await list_activities(ctx, PageRequest(), receivable_id=receivable.id)).items == [visit]
    first = await list_activities(ctx, PageRequest(limit=2))
    assert len((await list_activities(ctx, PageRequest(limit=2, after=first.next_key))).items) == 1


async def test_what_cannot_be_is_refused(ctx: Context) -> None:
    customer, other = await a_debtor(ctx), await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    with pytest.raises(InvalidInput) as wrong:
        await record_activity(ctx, customer_id=customer.id, kind="dance", summary="")  # type: ignore[arg-type]
    assert {error.pointer for error in wrong.value.errors} == {"/kind", "/summary"}
    at = datetime.fromisoformat("9999-12-31T23:59:59-12:00")
    with pytest.raises(InvalidInput) as late:
        await record_activity(ctx, customer_id=customer.id, kind="note", summary="x", occurred_at=at)
    assert late.value.errors[0].pointer == "/occurred_at"
    with pytest.raises(InvalidInput) as mixed:
        await record_activity(
            ctx, customer_id=other.id, receivable_id=receivable.id, kind="note", summary="Not theirs."
        )
    assert mixed.value.errors[0].code == "receivable_of_another_customer"
    with pytest.raises(NotFound) as unknown:
        await record_activity(ctx, customer_id="cus_00000000000000000000000000", kind="note", summary="Who?")
    assert unknown.value.code == "customer_not_found"
    with pytest.raises(NotFound):
        await get_activity(ctx, "act_00000000000000000000000000")
    assert (await list_activities(ctx, PageRequest())).items == []
