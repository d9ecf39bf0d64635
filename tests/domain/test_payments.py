"""Payments on a real PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import AllocationWish
from domain.ledger.payments import (
    get_payment,
    get_payment_by_external_id,
    payments_by_ids,
    record_payment,
)
from domain.ledger.receivables import get_receivable, list_entries
from domain.storage.transaction import reading
from tests.factories import a_customer, tenant_context
from tests.factories_ledger import a_payment, a_receivable, cny, count, events_of


async def test_the_oldest_due_is_settled_first_and_the_rest_stays_unapplied(ctx: Context) -> None:
    customer = await a_customer(ctx)
    late = await a_receivable(ctx, customer, due_on=date(2026, 3, 1), amount=cny(100))
    early = await a_receivable(ctx, customer, due_on=date(2026, 2, 1), amount=cny(100))
    part = await a_payment(ctx, customer, 150)
    assert [(a.receivable_id, a.amount) for a in part.allocations] == [(early.id, cny(100)), (late.id, cny(50))]
    assert part.unapplied_amount == cny(0)
    rest = await a_payment(ctx, customer, 80)
    assert [(a.receivable_id, a.amount) for a in rest.allocations] == [(late.id, cny(50))]
    assert rest.unapplied_amount == cny(30)
    assert (await get_receivable(ctx, late.id)).status == "paid"


async def test_a_payment_tells_itself_and_every_receivable_it_touches(ctx: Context) -> None:
    customer = await a_customer(ctx)
    early = await a_receivable(ctx, customer, amount=cny(100))
    late = await a_receivable(ctx, customer, amount=cny(100), due_on=date(2026, 3, 1))
    payment = await a_payment(ctx, customer, 150)
    told = await events_of(ctx, "payment.recorded", "receivable.paid", "receivable.partly_paid")
    assert [(event.type, event.object_id) for event in told] == [
        ("payment.recorded", payment.id),
        ("receivable.paid", early.id),
        ("receivable.partly_paid", late.id),
    ]
    assert told[1].data["payment_id"] == payment.id
    assert told[2].data["receivable"]["open_amount"] == {"amount": "50.00", "currency": "CNY"}
    (_, entry) = (await list_entries(ctx, late.id, PageRequest())).items
    assert (entry.kind, entry.amount, entry.effective_on) == ("allocation", cny(-50), date(2026, 1, 5))
    assert entry.allocation_id == payment.allocations[1].id


async def test_settling_ends_the_wait_for_the_due_date(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await a_receivable(ctx, customer)
    await a_payment(ctx, customer, 1000)
    async with reading(ctx) as tx:
        assert await tx.fetchval("select overdue_at from receivables where id = $1", made.id) is None


async def test_another_currency_is_left_alone(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer)
    payment = await record_payment(
        ctx, customer_id=customer.id, amount=Money(cny(50).amount, "USD"), received_on=date(2026, 1, 5)
    )
    assert (payment.allocations, payment.unapplied_amount) == ([], payment.amount)


async def test_named_receivables_are_settled_as_named(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    await a_receivable(ctx, customer, amount=cny(100), due_on=date(2026, 2, 1))
    by_name = await a_receivable(ctx, customer, amount=cny(100), external_id="i-2", due_on=date(2026, 3, 1))
    by_id = await a_receivable(ctx, customer, amount=cny(100), due_on=date(2026, 4, 1))
    payment = await record_payment(
        ctx,
        customer_external_id="c-1",
        amount=cny(150),
        received_on=date(2026, 1, 5),
        allocations=[
            AllocationWish(receivable_external_id="i-2"),
            AllocationWish(receivable_id=by_id.id, amount="20.00"),
        ],
    )
    assert [(a.receivable_id, a.amount) for a in payment.allocations] == [(by_name.id, cny(100)), (by_id.id, cny(20))]
    assert payment.unapplied_amount == cny(30)


async def test_a_payment_that_names_nothing_settles_nothing(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer)
    assert (await a_payment(ctx, customer, 50, allocations=[])).unapplied_amount == cny(50)


@pytest.mark.parametrize(
    ("wish", "pointer", "code"),
    [
        ({"receivable_id": "theirs"}, "/allocations/0/receivable_id", "receivable_of_another_customer"),
        ({"receivable_id": "dollars"}, "/allocations/0/receivable_id", "currency_mismatch"),
        ({"receivable_id": "closed"}, "/allocations/0", "receivable_already_paid"),
        ({"receivable_external_id": "none"}, "/allocations/0/receivable_external_id", "receivable_not_found"),
        ({"receivable_id": "mine", "amount": "1001.00"}, "/allocations/0/amount", "allocation_exceeds_open_amount"),
        ({"receivable_id": "mine", "amount": "301.00"}, "/allocations/0/amount", "allocations_exceed_payment"),
        ({"receivable_id": "mine", "amount": "0.00"}, "/allocations/0/amount", "amount_not_positive"),
        ({"receivable_id": "mine", "amount": "1.005"}, "/allocations/0/amount", "too_many_digits"),
        ({"receivable_id": "mine", "amount": "x"}, "/allocations/0/amount", "malformed_amount"),
        ({}, "/allocations/0", "one_receivable_required"),
        ({"receivable_id": "mine", "receivable_external_id": "m"}, "/allocations/0", "one_receivable_required"),
    ],
)
async def test_a_wish_that_cannot_be_met_is_pointed_at_and_nothing_is_recorded(
    ctx: Context, wish: dict[str, Any], pointer: str, code: str
) -> None:
    customer, other = await a_customer(ctx), await a_customer(ctx)
    closed = await a_receivable(ctx, customer, amount=cny(10))
    await a_payment(ctx, customer, 10)
    ids = {
        "mine": (await a_receivable(ctx, customer)).id,
        "theirs": (await a_receivable(ctx, other)).id,
        "dollars": (await a_receivable(ctx, customer, amount=Money(cny(5).amount, "USD"))).id,
        "closed": closed.id,
    }
    named = {**wish, **({"receivable_id": ids[wish["receivable_id"]]} if "receivable_id" in wish else {})}
    with pytest.raises(InvalidInput) as refused:
        await a_payment(ctx, customer, 300, allocations=[AllocationWish(**named)])
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]
    assert await count(ctx, "payments") == 1
    assert (await get_receivable(ctx, ids["mine"])).open_amount == cny(1000)


async def test_more_names_than_anybody_sends_are_refused(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await a_payment(ctx, await a_customer(ctx), 1, allocations=[AllocationWish(receivable_id="rcv_x")] * 1001)
    assert refused.value.errors[0].code == "too_many_allocations"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"amount": cny(0)}, "/amount/amount", "amount_not_positive"),
        ({"received_on": date(1969, 1, 1)}, "/received_on", "date_out_of_range"),
        ({"reference": "r" * 201}, "/reference", "length_out_of_range"),
        ({"method": ""}, "/method", "length_out_of_range"),
        ({"customer_external_id": "c"}, "/customer_id", "one_customer_required"),
    ],
)
async def test_a_malformed_payment_is_refused(ctx: Context, changes: dict[str, Any], pointer: str, code: str) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await a_payment(ctx, customer, 1, **changes)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


async def test_the_same_external_id_with_the_same_content_is_the_same_payment(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    wish = [AllocationWish(receivable_id=receivable.id, amount="40.00")]
    first = await a_payment(ctx, customer, 50, external_id="p-1", reference="bank", allocations=wish)
    assert await a_payment(ctx, customer, 50, external_id="p-1", reference="bank", allocations=wish) == first
    assert await a_payment(ctx, customer, 50, external_id="p-1", reference="bank") == first
    assert len(await events_of(ctx, "payment.recorded")) == 1
    assert (await get_receivable(ctx, receivable.id)).open_amount == cny(960)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": cny(51)},
        {"received_on": date(2026, 1, 6)},
        {"reference": "other"},
        {"method": "cash"},
        {"allocations": [AllocationWish(receivable_external_id="i-1", amount="41.00")]},
        {"allocations": []},
    ],
)
async def test_the_same_external_id_with_other_content_is_refused(ctx: Context, changes: dict[str, Any]) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, external_id="i-1")
    told: dict[str, Any] = {
        "customer_id": customer.id,
        "amount": cny(50),
        "received_on": date(2026, 1, 5),
        "external_id": "p-1",
        "allocations": [AllocationWish(receivable_external_id="i-1", amount="40.00")],
    }
    await record_payment(ctx, **told)
    with pytest.raises(Conflict) as refused:
        await record_payment(ctx, **{**told, **changes})
    assert refused.value.code == "payment_external_id_taken"
    assert await count(ctx, "payments") == 1


async def test_payments_are_read_by_either_id(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer)
    made = await a_payment(ctx, customer, 10, external_id="p-1", method="bank_transfer")
    assert await get_payment(ctx, made.id) == made
    assert await get_payment_by_external_id(ctx, "p-1") == made
    assert await payments_by_ids(ctx, [made.id, "pay_x"]) == {made.id: made}


async def test_unknown_payments_and_customers_are_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound) as missing:
        await get_payment(ctx, "pay_00000000000000000000000000")
    assert missing.value.code == "payment_not_found"
    with pytest.raises(NotFound):
        await get_payment_by_external_id(ctx, "nothing")
    with pytest.raises(NotFound) as missing:
        await record_payment(ctx, customer_external_id="nobody", amount=cny(1), received_on=date(2026, 1, 5))
    assert missing.value.code == "customer_not_found"


async def test_recording_needs_its_scope(ctx: Context) -> None:
    customer = await a_customer(ctx)
    reader = await tenant_context(ctx.tenant_id, frozenset({"payments:read"}))
    with pytest.raises(Forbidden):
        await a_payment(reader, customer, 1)
    assert await count(ctx, "payments") == 0
