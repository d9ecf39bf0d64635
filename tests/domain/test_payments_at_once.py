"""Many payments at once: nothing is settled twice, nobody waits in a circle, and the cost does not grow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import AllocationWish
from domain.ledger.payment_changes import reverse_payment
from domain.ledger.payments import list_payments
from domain.ledger.receivables import get_receivable, list_entries
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_ledger import TWO_TEN, a_payment, a_receivable, cny, count, events_of


async def test_payments_at_the_same_moment_never_settle_more_than_is_owed(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = [await a_receivable(ctx, customer, amount=cny(100)) for _ in range(5)]
    payments = await asyncio.gather(*(a_payment(ctx, customer, 70) for _ in range(10)))
    assert sum(p.amount.amount - p.unapplied_amount.amount for p in payments) == 500
    shares: dict[str, Any] = dict.fromkeys((r.id for r in made), 0)
    for payment in payments:
        for allocation in payment.allocations:
            shares[allocation.receivable_id] += allocation.amount.amount
    assert set(shares.values()) == {100}
    assert {(await get_receivable(ctx, r.id)).status for r in made} == {"paid"}
    entries = [e for r in made for e in (await list_entries(ctx, r.id, PageRequest())).items]
    assert sum(e.amount.amount for e in entries) == 0


async def test_the_same_payment_told_twice_at_the_same_moment_is_recorded_once(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer)
    twins = await asyncio.gather(*(a_payment(ctx, customer, 70, external_id="p-1") for _ in range(6)))
    assert {twin.id for twin in twins} == {twins[0].id}
    assert await count(ctx, "payments") == 1
    assert len(await events_of(ctx, "payment.recorded")) == 1


async def test_payments_naming_receivables_in_opposite_order_do_not_block_each_other(ctx: Context) -> None:
    customer = await a_customer(ctx)
    ids = [(await a_receivable(ctx, customer, due_on=date(2026, 2, day))).id for day in range(1, 9)]
    wishes = [AllocationWish(receivable_id=receivable, amount="1.00") for receivable in ids]
    orders = [wishes, wishes[::-1]] * 5
    await asyncio.gather(*(a_payment(ctx, customer, 8, allocations=order) for order in orders))
    assert {(await get_receivable(ctx, receivable)).open_amount for receivable in ids} == {cny(990)}


async def test_the_number_of_statements_does_not_grow_with_the_receivables(ctx: Context) -> None:
    counts = []
    for size in (2, 40):
        customer = await a_customer(ctx)
        for _ in range(size):
            await a_receivable(ctx, customer, amount=cny(1))
        with _counted_statements() as statements:
            payment = await a_payment(ctx, customer, size)
        assert len(payment.allocations) == size
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_the_number_of_statements_does_not_grow_with_the_discounts_earned_and_lost(ctx: Context) -> None:
    counts = []
    for size in (2, 40):
        customer = await a_customer(ctx)
        made = [await a_receivable(ctx, customer, due_on=None, payment_terms=TWO_TEN) for _ in range(size)]
        wishes = [AllocationWish(receivable_id=one.id, amount="980.00") for one in made]
        with _counted_statements() as statements:
            payment = await a_payment(ctx, customer, 980 * size, allocations=wishes)
            await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=date(2026, 1, 6))
        counts.append(len(statements))
        entries = (
            "select count(*) from entries where receivable_id = any($1) and kind in ('discount', 'discount_reversal')"
        )
        async with reading(ctx) as tx:
            assert await tx.fetchval(entries, [one.id for one in made]) == 2 * size
    assert counts[0] == counts[1]


async def test_a_list_of_payments_takes_two_statements(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for _ in range(3):
        await a_receivable(ctx, customer, amount=cny(10))
    made = [await a_payment(ctx, customer, 10) for _ in range(3)]
    with _counted_statements() as statements:
        page = await list_payments(ctx, PageRequest(), customer_id=customer.id)
    assert page.items == made
    assert len(statements) == 2
    first = await list_payments(ctx, PageRequest(limit=2))
    assert [p.id for p in (await list_payments(ctx, PageRequest(after=first.next_key))).items] == [made[2].id]


@contextmanager
def _counted_statements() -> Iterator[list[str]]:
    """The statements that go to PostgreSQL meanwhile."""
    sent: list[str] = []
    names = ("fetch", "fetchrow", "fetchval", "execute")
    originals = {name: getattr(BoundTransaction, name) for name in names}

    def counting(name: str) -> Any:
        async def call(self: BoundTransaction, query: str, *arguments: Any) -> Any:
            sent.append(query)
            return await originals[name](self, query, *arguments)

        return call

    for name in names:
        setattr(BoundTransaction, name, counting(name))
    try:
        yield sent
    finally:
        for name, original in originals.items():
            setattr(BoundTransaction, name, original)
