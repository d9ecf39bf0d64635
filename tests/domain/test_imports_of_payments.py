"""Payments out of a file: recorded as the API records them, once, and a bad one takes no other with it."""

from __future__ import annotations

from datetime import date

from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.ledger.payments import get_payment_by_external_id, record_payment
from domain.ledger.receivables import get_receivable_by_external_id
from domain.operations.model import Progress
from tests.factories import a_customer
from tests.factories_ledger import a_receivable, cny, count, errors_of, events_of, imported

HEADER = "external_id,customer_external_id,amount,currency,received_on,reference,method,allocations\n"


async def a_debtor(ctx: Context) -> Customer:
    """Owes 1,000 CNY three times: i-1 due first, then i-2 and i-3."""
    customer = await a_customer(ctx, external_id="c-1")
    for n in (1, 2, 3):
        await a_receivable(ctx, customer, external_id=f"i-{n}", number=f"INV-{n}", due_on=date(2026, 2, n))
    return customer


async def open_amounts(ctx: Context) -> list[int]:
    """What is open of the three."""
    return [int((await get_receivable_by_external_id(ctx, f"i-{n}")).open_amount.amount) for n in (1, 2, 3)]


async def test_payments_settle_by_the_policy_or_what_they_name_and_see_one_another(ctx: Context) -> None:
    customer = await a_debtor(ctx)
    content = (
        HEADER
        + "p-1,c-1,1000,CNY,2026-01-05,RF18,transfer,\n"
        + "p-2,c-1,1500,CNY,2026-01-06,,,INV-3; i-2\n"
        + "p-3,c-1,700,CNY,2026-01-07,,,\n"
    )
    operation = await imported(ctx, content, kind="payments")
    assert (operation.state, operation.progress) == ("succeeded", Progress(processed=3, created=3))
    assert await open_amounts(ctx) == [0, 0, 0]
    first, last = [await get_payment_by_external_id(ctx, f"p-{n}") for n in (1, 3)]
    assert (first.customer_id, first.reference, first.method) == (customer.id, "RF18", "transfer")
    assert last.unapplied_amount == cny(200)
    events = await events_of(ctx, "payment.recorded", "receivable.paid", "receivable.partly_paid")
    assert [event.type for event in events].count("payment.recorded") == 3

    again = await imported(ctx, content, kind="payments")
    assert again.progress == Progress(processed=3, unchanged=3)
    assert await count(ctx, "payments") == 3
    assert await events_of(ctx, "payment.recorded", "receivable.paid", "receivable.partly_paid") == events


async def test_a_payment_that_the_api_recorded_is_known(ctx: Context) -> None:
    customer = await a_debtor(ctx)
    await record_payment(ctx, customer_id=customer.id, amount=cny(10), received_on=date(2026, 1, 5), external_id="p-1")
    operation = await imported(ctx, HEADER + "p-1,c-1,10.00,CNY,2026-01-05,,,\n", kind="payments")
    assert operation.progress == Progress(processed=1, unchanged=1)


async def test_a_bad_payment_is_its_own_error_alone(ctx: Context) -> None:
    customer = await a_debtor(ctx)
    await a_receivable(ctx, customer, external_id="i-4", number="INV-1", due_on=date(2026, 3, 1))
    other = await a_customer(ctx, external_id="c-2")
    await a_receivable(ctx, other, external_id="i-9")
    await imported(ctx, HEADER + "p-0,c-1,1.00,CNY,2026-01-05,,,\n", kind="payments")
    before = await events_of(ctx)
    content = (
        HEADER
        + "p-0,c-1,2.00,CNY,2026-01-05,,,\n"
        + "p-1,c-9,1.00,CNY,2026-01-05,,,\n"
        + "p-2,c-1,1.00,CNY,2026-01-05,,,i-9\n"
        + "p-3,c-1,1.00,CNY,2026-01-05,,,INV-1\n"
        + "p-4,c-1,1.00,CNY,2026-01-05,,,nothing\n"
        + "p-5,c-1,1.00,USD,2026-01-05,,,i-1\n"
        + "p-6,c-1,0,CNY,9999-01-05,,,i-1;i-1\n"
        + "p-7,c-1,1.005,CNY,2026-02-29,,,\n"
        + "p-8,c-1,1000000000000000,CNY,2028-02-29,,,\n"
        + ",c-1,1.00,XXQ,2026-01-05,,,\n"
        + "p-9,c-1,5.00,CNY,2028-02-29,,,\n"
        + "p-9,c-1,5.00,CNY,2028-02-29,,,\n"
    )
    operation = await imported(ctx, content, kind="payments")
    assert operation.progress == Progress(processed=12, created=1, failed=11)
    assert [(e.line, e.column, e.code) for e in await errors_of(ctx, operation)] == [
        (2, "external_id", "payment_external_id_taken"),
        (3, "customer_external_id", "customer_not_found"),
        (4, "allocations", "receivable_of_another_customer"),
        (5, "allocations", "receivable_number_ambiguous"),
        (6, "allocations", "receivable_not_found"),
        (7, "allocations", "currency_mismatch"),
        (8, "amount", "amount_not_positive"),
        (8, "received_on", "date_out_of_range"),
        (8, "allocations", "receivable_named_twice"),
        (9, "received_on", "unparsable_date"),
        (10, "amount", "amount_out_of_range"),
        (11, "external_id", "missing_value"),
        (11, "currency", "unknown_currency"),
        (13, "external_id", "duplicate_external_id"),
    ]
    assert await count(ctx, "payments") == 2
    assert [event.type for event in (await events_of(ctx))[len(before) :]] == [
        "payment.recorded",
        "receivable.partly_paid",
        "import.finished",
    ]


async def test_a_dry_run_finds_the_same_and_records_nothing(ctx: Context) -> None:
    await a_debtor(ctx)
    content = (
        HEADER + "p-1,c-1,1000,CNY,2026-01-05,,,i-1\np-2,c-1,1,CNY,2026-01-05,,,i-1\np-3,c-9,1,CNY,2026-01-05,,,\n"
    )
    before = await events_of(ctx)
    dry = await imported(ctx, content, kind="payments", dry_run=True)
    assert await count(ctx, "payments") == await count(ctx, "allocations") == 0
    assert await open_amounts(ctx) == [1000, 1000, 1000]
    assert [event.type for event in (await events_of(ctx))[len(before) :]] == ["import.finished"]
    found = [(e.line, e.column, e.code) for e in await errors_of(ctx, dry)]
    real = await imported(ctx, content, kind="payments")
    assert real.progress == dry.progress
    assert [(e.line, e.column, e.code) for e in await errors_of(ctx, real)] == found
    assert (4, "customer_external_id", "customer_not_found") in found
