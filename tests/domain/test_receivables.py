"""Receivables on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import ReceivableFilter
from domain.ledger.receivables import (
    create_receivable,
    get_receivable,
    get_receivable_by_external_id,
    list_entries,
    list_receivables,
    put_receivable,
    receivables_by_ids,
    update_receivable,
)
from domain.storage.transaction import reading
from tests.factories import a_customer, tenant_context
from tests.factories_ledger import a_payment, a_receivable, cny, events_of, standing_at

TERMS: dict[str, Any] = {
    "number": "INV-1",
    "amount": cny(1000),
    "issued_on": date(2026, 1, 1),
    "due_on": date(2026, 1, 31),
}


async def test_a_new_receivable_is_open_and_its_entry_and_event_exist(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    made = await create_receivable(ctx, customer_external_id="c-1", external_id="i-1", metadata={"po": 7}, **TERMS)
    assert (made.customer_id, made.status, made.open_amount) == (customer.id, "open", cny(1000))
    assert (made.overdue, made.days_overdue, made.version) == (False, 0, 1)
    assert await get_receivable(ctx, made.id) == made
    assert await get_receivable_by_external_id(ctx, "i-1") == made
    (entry,) = (await list_entries(ctx, made.id, PageRequest())).items
    assert (entry.kind, entry.amount, entry.effective_on) == ("invoiced", cny(1000), date(2026, 1, 1))
    (event,) = await events_of(ctx, "receivable.created")
    assert event.object_id == made.id
    assert event.data["receivable"]["open_amount"] == {"amount": "1000.00", "currency": "CNY"}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"due_on": date(2025, 12, 31)}, "/due_on", "due_before_issue"),
        ({"amount": cny(0)}, "/amount/amount", "amount_not_positive"),
        ({"number": "n" * 201}, "/number", "length_out_of_range"),
        ({"customer_external_id": "c-1"}, "/customer_id", "one_customer_required"),
        ({"customer_id": None}, "/customer_id", "one_customer_required"),
    ],
)
async def test_wrong_terms_are_refused_with_a_pointer_and_nothing_is_stored(
    ctx: Context, changes: dict[str, Any], pointer: str, code: str
) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await create_receivable(ctx, **{"customer_id": customer.id, **TERMS, **changes})
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]
    assert (await list_receivables(ctx, PageRequest())).items == []


async def test_an_unknown_customer_is_not_found(ctx: Context) -> None:
    unknown: list[dict[str, Any]] = [
        {"customer_id": "cus_00000000000000000000000000"},
        {"customer_external_id": "nobody"},
    ]
    for who in unknown:
        with pytest.raises(NotFound) as missing:
            await create_receivable(ctx, **who, **TERMS)
        assert missing.value.code == "customer_not_found"


async def test_an_external_id_is_taken_once(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, external_id="i-1")
    with pytest.raises(Conflict) as refused:
        await a_receivable(ctx, customer, external_id="i-1")
    assert refused.value.code == "external_id_taken"
    assert len(await events_of(ctx, "receivable.created")) == 1


async def test_putting_the_same_receivable_again_changes_nothing(ctx: Context) -> None:
    customer = await a_customer(ctx)
    first = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS)
    assert await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS) == first
    assert [event.type for event in await events_of(ctx)] == ["customer.created", "receivable.created"]
    assert len((await list_entries(ctx, first.id, PageRequest())).items) == 1


async def test_another_amount_is_a_correction_and_keeps_what_is_settled(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS)
    await a_payment(ctx, customer, 300)
    changed = await put_receivable(ctx, "i-1", customer_id=customer.id, **{**TERMS, "amount": cny(800)})
    assert (changed.amount, changed.open_amount, changed.status) == (cny(800), cny(500), "partly_paid")
    assert changed.version == 3
    entries = (await list_entries(ctx, made.id, PageRequest())).items
    assert [(e.kind, e.amount) for e in entries] == [
        ("invoiced", cny(1000)),
        ("allocation", cny(-300)),
        ("correction", cny(-200)),
    ]
    with pytest.raises(Conflict) as refused:
        await put_receivable(ctx, "i-1", customer_id=customer.id, **{**TERMS, "amount": cny(299)})
    assert refused.value.code == "amount_below_settled"


async def test_a_correction_down_to_what_is_settled_pays_it_and_one_upwards_opens_it_again(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS)
    await a_payment(ctx, customer, 300)
    paid = await put_receivable(ctx, "i-1", customer_id=customer.id, **{**TERMS, "amount": cny(300)})
    assert paid.status == "paid"
    (event,) = await events_of(ctx, "receivable.paid")
    assert event.data["payment_id"] is None
    reopened = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS)
    assert (reopened.status, reopened.open_amount) == ("partly_paid", cny(700))
    assert await _overdue_at(ctx, made.id) == datetime(2026, 1, 31, 16, tzinfo=UTC)


async def test_customer_and_currency_stay(ctx: Context) -> None:
    customer, other = await a_customer(ctx), await a_customer(ctx)
    await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS)
    with pytest.raises(Conflict) as refused:
        await put_receivable(ctx, "i-1", customer_id=other.id, **TERMS)
    assert refused.value.code == "customer_immutable"
    dollars = Money(cny(1000).amount, "USD")
    with pytest.raises(Conflict) as refused:
        await put_receivable(ctx, "i-1", customer_id=customer.id, **{**TERMS, "amount": dollars})
    assert refused.value.code == "currency_immutable"


async def test_a_stale_version_is_refused(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS)
    await update_receivable(ctx, made.id, {"number": "INV-1a"}, expected_version=1)
    with pytest.raises(PreconditionFailed):
        await update_receivable(ctx, made.id, {"number": "lost"}, expected_version=1)
    with pytest.raises(PreconditionFailed):
        await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS, expected_version=1)
    assert (await get_receivable(ctx, made.id)).number == "INV-1a"


async def test_a_new_due_date_is_checked_and_turns_overdue_on_its_own_day(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    changed = await update_receivable(ctx, made.id, {"due_on": date(2026, 2, 28)})
    assert (changed.due_on, changed.version) == (date(2026, 2, 28), 2)
    assert await _overdue_at(ctx, made.id) == datetime(2026, 2, 28, 16, tzinfo=UTC)
    with pytest.raises(InvalidInput) as refused:
        await update_receivable(ctx, made.id, {"due_on": date(2025, 1, 1)})
    assert refused.value.errors[0].code == "due_before_issue"
    assert [event.type for event in await events_of(ctx, "receivable.updated")] == ["receivable.updated"]


async def test_overdue_follows_the_customers_calendar_day(ctx: Context) -> None:
    here = await a_receivable(ctx, await a_customer(ctx))
    there = await a_receivable(ctx, await a_customer(ctx, time_zone="America/New_York"))
    shanghai_midnight = standing_at(ctx, datetime(2026, 1, 31, 16, tzinfo=UTC))
    assert (await get_receivable(shanghai_midnight, here.id)).days_overdue == 1
    assert (await get_receivable(shanghai_midnight, there.id)).overdue is False
    overdue = await list_receivables(shanghai_midnight, PageRequest(), ReceivableFilter(overdue=True))
    assert [r.id for r in overdue.items] == [here.id]
    others = await list_receivables(shanghai_midnight, PageRequest(), ReceivableFilter(overdue=False))
    assert [r.id for r in others.items] == [there.id]


async def test_lists_filter_and_go_on_after_the_last_key(ctx: Context) -> None:
    first, second = await a_customer(ctx), await a_customer(ctx)
    made = [await a_receivable(ctx, first, due_on=date(2026, 2, day)) for day in (1, 2, 3)]
    await a_receivable(ctx, second)
    await a_payment(ctx, first, 1500)

    async def ids(**wanted: Any) -> list[str]:
        return [r.id for r in (await list_receivables(ctx, PageRequest(), ReceivableFilter(**wanted))).items]

    assert await ids(customer_id=first.id) == [r.id for r in made]
    assert await ids(status="paid") == [made[0].id]
    assert await ids(status="partly_paid") == [made[1].id]
    assert await ids(due_from=date(2026, 2, 2), due_to=date(2026, 2, 2)) == [made[1].id]
    page = await list_receivables(ctx, PageRequest(limit=2), ReceivableFilter(customer_id=first.id))
    rest = await list_receivables(
        ctx, PageRequest(limit=2, after=page.next_key), ReceivableFilter(customer_id=first.id)
    )
    assert [r.id for r in [*page.items, *rest.items]] == [r.id for r in made]
    assert rest.next_key is None


async def test_many_are_read_at_once(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    assert await receivables_by_ids(ctx, [made.id, "rcv_unknown"]) == {made.id: made}


async def test_an_unknown_receivable_is_not_found(ctx: Context) -> None:
    unknown = "rcv_00000000000000000000000000"
    for read in (
        get_receivable(ctx, unknown),
        get_receivable_by_external_id(ctx, "nothing"),
        update_receivable(ctx, unknown, {}),
        list_entries(ctx, unknown, PageRequest()),
    ):
        with pytest.raises(NotFound) as missing:
            await read
        assert missing.value.code == "receivable_not_found"


async def test_writing_needs_its_scope(ctx: Context) -> None:
    customer = await a_customer(ctx)
    reader = await tenant_context(ctx.tenant_id, frozenset({"receivables:read"}))
    with pytest.raises(Forbidden):
        await a_receivable(reader, customer)
    assert (await list_receivables(reader, PageRequest())).items == []


async def _overdue_at(ctx: Context, receivable_id: str) -> datetime | None:
    async with reading(ctx) as tx:
        instant: datetime | None = await tx.fetchval(
            "select overdue_at from receivables where tenant_id = $1 and id = $2", ctx.tenant_id, receivable_id
        )
        return instant
