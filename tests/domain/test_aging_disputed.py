"""What is disputed has its own column in an aging, as of any day, and is subtracted from nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.insight.aging import list_aging, list_aging_receivables
from domain.insight.model import Aging
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.disputes import open_dispute, resolve_dispute
from tests.factories import a_customer
from tests.factories_ledger import a_payment, a_receivable, cny, standing_at


def february(ctx: Context, day: int) -> Context:
    return standing_at(ctx, datetime(2026, 2, day, 4, tzinfo=UTC))


async def row(ctx: Context, day: int, **asked: object) -> Aging:
    (found,) = (await list_aging(ctx, PageRequest(), as_of=date(2026, 2, day), **asked)).items  # type: ignore[arg-type]
    return found


async def test_disputed_amounts_are_shown_as_they_were_on_any_day(ctx: Context) -> None:
    customer = await a_customer(ctx)
    debt = await a_receivable(ctx, customer)
    other = await a_receivable(ctx, customer, number="INV-2")
    dispute = await open_dispute(february(ctx, 3), debt.id, amount=cny(400), reason="price")
    await open_dispute(february(ctx, 3), other.id, amount=cny(50), reason="price")
    wishes_paid = await a_payment(february(ctx, 5), customer, 1900, received_on=date(2026, 2, 5))
    assert wishes_paid.unapplied_amount == cny(0)
    await resolve_dispute(february(ctx, 8), dispute.id, outcome="rejected")
    now = february(ctx, 10)
    for group in ("customer", "owner", "grade", "contract", "currency"):
        assert [
            ((await row(now, day, group_by=group)).open_amount, (await row(now, day, group_by=group)).disputed_amount)
            for day in (2, 3, 4, 5, 8)
        ] == [
            (cny(2000), cny(0)),
            (cny(2000), cny(450)),
            (cny(2000), cny(450)),
            # Paid down to 100, of which no more than that can still be disputed.
            (cny(100), cny(50)),
            (cny(100), cny(50)),
        ]


async def test_a_payment_leaves_no_more_disputed_than_is_open(ctx: Context) -> None:
    customer = await a_customer(ctx)
    debt = await a_receivable(ctx, customer)
    await open_dispute(february(ctx, 3), debt.id, amount=cny(400), reason="price")
    await a_payment(february(ctx, 5), customer, 900, received_on=date(2026, 2, 5))
    now = february(ctx, 10)
    assert [(await row(now, day)).disputed_amount for day in (4, 5)] == [cny(400), cny(100)]
    for day, expected in ((2, 0), (4, 400), (5, 100)):
        page = await list_aging_receivables(now, PageRequest(), as_of=date(2026, 2, day))
        assert [one.disputed_amount for one in page.items] == [cny(expected)]


async def test_other_customers_disputes_are_not_mixed_in(ctx: Context) -> None:
    contesting, paying = await a_customer(ctx), await a_customer(ctx)
    debt = await a_receivable(ctx, contesting)
    await a_receivable(ctx, paying)
    await open_dispute(february(ctx, 3), debt.id, reason="price")
    now = february(ctx, 10)
    page = await list_aging(now, PageRequest(), group_by="customer")
    assert {one.customer_id: one.disputed_amount for one in page.items} == {
        contesting.id: cny(1000),
        paying.id: cny(0),
    }
    assert (await row(now, 10, group_by="customer", customer_id=paying.id)).disputed_amount == cny(0)
