"""Aging and balances: buckets, groups, days in the past, and what is shown to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.insight.aging import get_receivable_balance, list_aging, list_aging_receivables
from domain.insight.model import Aging
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.charges import add_charge
from domain.ledger.credit_notes import cancel_credit_note, issue_credit_note
from domain.ledger.ledger_policy import get_ledger_policy, put_ledger_policy
from domain.ledger.payment_changes import allocate_payment, refund_payment, remove_allocation, reverse_payment
from domain.ledger.receivables import list_entries, update_receivable
from domain.ledger.write_offs import cancel_receivable
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_ledger import a_payment, a_receivable, cny, standing_at

TODAY = date(2026, 1, 5)  # where the test clock stands
LONG_AGO = date(2025, 1, 1)


def january(day: int) -> date:
    return date(2026, 1, day)


async def aged(ctx: Context, as_of: date | None = None, **asked: Any) -> list[Aging]:
    return (await list_aging(ctx, PageRequest(limit=200), as_of=as_of, **asked)).items


async def sums(ctx: Context, as_of: date | None = None) -> tuple[str, str]:
    """Open and unapplied CNY of the whole tenant."""
    rows = await aged(ctx, as_of)
    return (str(rows[0].open_amount.amount), str(rows[0].unapplied_amount.amount)) if rows else ("0", "0")


async def test_a_day_of_the_tenants_calendar_decides_the_bucket(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for days in (-1, 0, 1, 30, 31, 60, 61, 90, 91, 400):
        await a_receivable(
            ctx, customer, amount=cny(1), issued_on=date(2024, 1, 1), due_on=TODAY - timedelta(days=days)
        )
    (row,) = await aged(ctx)
    assert (row.as_of, row.current_amount, row.open_amount) == (TODAY, cny(2), cny(10))
    assert [(b.days_from, b.days_to, b.amount, b.receivable_count) for b in row.buckets] == [
        (1, 30, cny(2), 2),
        (31, 60, cny(2), 2),
        (61, 90, cny(2), 2),
        (91, None, cny(2), 2),
    ]
    assert row.receivable_count == 10
    # 16:00 in London is the next day in Shanghai, where this tenant is.
    (row,) = await aged(standing_at(ctx, datetime(2026, 1, 5, 16, 0, tzinfo=UTC)))
    assert (row.as_of, row.current_amount) == (january(6), cny(1))


async def test_the_tenant_says_where_buckets_end(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, issued_on=LONG_AGO, due_on=TODAY - timedelta(days=15))
    policy = await get_ledger_policy(ctx)
    assert policy.aging_bounds == [30, 60, 90]
    told: dict[str, Any] = {"allocation_policy": "oldest_due_first", "tolerances": [], "approval_limits": []}
    assert (await put_ledger_policy(ctx, **told, aging_bounds=[14, 365])).aging_bounds == [14, 365]
    (row,) = await aged(ctx)
    assert [(b.days_from, b.days_to, b.amount) for b in row.buckets] == [
        (1, 14, cny(0)),
        (15, 365, cny(1000)),
        (366, None, cny(0)),
    ]
    for wrong, pointer in (([], ""), ([0, 30], "/0"), ([30, 30], "/1"), ([5, 3651], "/1"), (range(1, 14), "")):
        with pytest.raises(InvalidInput) as refused:
            await put_ledger_policy(ctx, **told, aging_bounds=list(wrong))
        assert refused.value.errors[0].pointer == f"/aging_bounds{pointer}"


async def test_currencies_are_never_added_and_groups_come_page_by_page(ctx: Context) -> None:
    owner = await a_collector(ctx)
    first, second = await a_customer(ctx, owner_id=owner), await a_customer(ctx)
    only_credit = await a_customer(ctx)
    for customer in (first, second):
        await a_receivable(ctx, customer, amount=cny(10))
        await a_receivable(ctx, customer, amount=Money(Decimal(7), "JPY"))
    await a_payment(ctx, only_credit, 3)
    expected = [(c.id, currency) for c in (first, second) for currency in ("CNY", "JPY")] + [(only_credit.id, "CNY")]
    for day in (None, TODAY, january(4), january(20)):
        found, after = [], None
        while True:
            page = await list_aging(ctx, PageRequest(limit=1, after=after), as_of=day, group_by="customer")
            found += [(row.customer_id, row.currency) for row in page.items]
            if (after := page.next_key) is None:
                break
        assert found == (expected if day != january(4) else expected[:4])
    by_currency = [(r.currency, str(r.open_amount.amount), str(r.unapplied_amount.amount)) for r in await aged(ctx)]
    assert by_currency == [("CNY", "20.00", "3.00"), ("JPY", "14", "0")]
    by_owner = await aged(ctx, group_by="owner")
    assert [(r.owner_id, r.currency, str(r.open_amount.amount)) for r in by_owner] == [
        (None, "CNY", "10.00"),
        (None, "JPY", "7"),
        (owner, "CNY", "10.00"),
        (owner, "JPY", "7"),
    ]
    assert [r.customer_id for r in await aged(ctx, group_by="customer", customer_id=second.id)] == [second.id] * 2
    assert [str(r.open_amount.amount) for r in await aged(ctx, customer_id=second.id)] == ["10.00", "7"]


async def test_pages_keep_the_day_of_the_first_one(ctx: Context) -> None:
    for _ in range(2):
        await a_receivable(ctx, await a_customer(ctx))
    for listed in (list_aging, list_aging_receivables):
        asked: dict[str, Any] = {"group_by": "customer"} if listed is list_aging else {}
        first = await listed(ctx, PageRequest(limit=1), **asked)
        tomorrow = standing_at(ctx, datetime(2026, 1, 6, 1, 0, tzinfo=UTC))
        second = await listed(tomorrow, PageRequest(limit=1, after=first.next_key), **asked)
        assert [row.as_of for row in (*first.items, *second.items)] == [TODAY, TODAY]
        for wrong in ("x", "2026-01-05", "2026-13-01 a b"):
            with pytest.raises(InvalidInput, match="cursor"):
                await listed(ctx, PageRequest(after=wrong), **asked)


async def test_a_day_in_the_past_is_as_it_was_dated(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer, issued_on=january(2), due_on=january(2))
    payment = await a_payment(ctx, customer, 1500, received_on=january(4))
    await refund_payment(ctx, payment.id, amount=cny(200), refunded_on=january(6))
    later = standing_at(ctx, datetime(2026, 1, 10, 1, 0, tzinfo=UTC))
    await remove_allocation(later, payment.id, payment.allocations[0].id)
    assert [await sums(later, january(day)) for day in (1, 2, 3, 4, 5, 6, 9, 10)] == [
        ("0", "0"),
        ("1000.00", "0.00"),
        ("1000.00", "0.00"),
        ("0.00", "500.00"),
        ("0.00", "500.00"),
        ("0.00", "300.00"),
        ("0.00", "300.00"),
        ("1000.00", "1300.00"),
    ]
    (row,) = await aged(later, january(3))
    assert row.buckets[0].amount == cny(1000)
    entries = (await list_entries(later, receivable.id, PageRequest())).items
    assert [e.effective_on for e in entries] == [january(2), january(4), january(10)]


async def test_money_that_came_before_the_invoice_is_unapplied_until_then(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, issued_on=january(10), due_on=january(20))
    await a_payment(ctx, customer, 400, received_on=january(3))
    assert await sums(ctx, january(3)) == await sums(ctx) == ("0.00", "400.00")
    assert await sums(ctx, january(10)) == ("600.00", "0.00")


async def test_backdating_never_makes_less_than_nothing_owed(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer, issued_on=january(1), due_on=january(2))
    await a_receivable(ctx, customer, issued_on=january(1), due_on=january(3), amount=cny(50))
    await add_charge(ctx, receivable.id, component="interest", amount=cny(20), reason="late")  # on the 5th
    await a_payment(ctx, customer, 1020, received_on=january(4))
    assert await sums(ctx, january(4)) == ("50.00", "20.00")
    assert await sums(ctx, january(5)) == ("50.00", "0.00")
    was = await get_receivable_balance(ctx, receivable.id, as_of=january(4))
    assert (was.open_amount, was.open_parts.interest, was.open_parts.principal) == (cny(0), cny(0), cny(0))


async def test_what_never_came_was_never_unapplied_afterwards(ctx: Context) -> None:
    customer = await a_customer(ctx)
    payment = await a_payment(ctx, customer, 300, received_on=january(2))
    note = await issue_credit_note(
        ctx, customer_id=customer.id, number="CN", amount=cny(40), issued_on=january(3), reason="other"
    )
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=january(8))
    await cancel_credit_note(standing_at(ctx, datetime(2026, 1, 9, 1, 0, tzinfo=UTC)), note.id)
    days = (1, 2, 3, 7, 8, 9)
    assert [(await sums(ctx, january(day)))[1] for day in days] == ["0", "300.00", "340.00", "340.00", "40.00", "0"]


async def test_a_movement_is_not_taken_back_before_it_was_made(ctx: Context) -> None:
    customer = await a_customer(ctx)
    payment = await a_payment(ctx, customer, 1000, received_on=january(2))
    await a_receivable(ctx, customer, issued_on=january(2))
    await allocate_payment(ctx, payment.id)  # on the 5th
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=january(3))
    assert {await sums(ctx, january(day)) for day in (3, 4, 5, 6)} == {("1000.00", "0.00")}


async def test_money_to_come_settles_on_the_day_it_comes(ctx: Context) -> None:
    customer = await a_customer(ctx)
    payment = await a_payment(ctx, customer, 600, received_on=january(20))
    await a_receivable(ctx, customer)
    await allocate_payment(ctx, payment.id)
    assert await sums(ctx) == await sums(ctx, january(19)) == ("1000.00", "0.00")
    assert await sums(ctx, january(20)) == ("400.00", "0.00")


async def test_what_is_cancelled_before_its_issue_was_never_open(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_customer(ctx), issued_on=january(10))
    await cancel_receivable(ctx, receivable.id, reason="twice")
    assert [await aged(ctx, january(day)) for day in (5, 9, 10, 31)] == [[]] * 4


async def test_nothing_is_open_before_the_issue_whatever_was_charged(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_customer(ctx), issued_on=january(10))
    await add_charge(ctx, receivable.id, component="cost", amount=cny(3), reason="lawyer")
    assert await aged(ctx) == []
    assert (await list_aging_receivables(ctx, PageRequest())).items == []
    assert (await get_receivable_balance(ctx, receivable.id)).open_amount == cny(0)
    assert await sums(ctx, january(10)) == ("1003.00", "0.00")


async def test_what_goes_back_some_day_is_unapplied_until_then(ctx: Context) -> None:
    customer = await a_customer(ctx)
    bounced = await a_payment(ctx, customer, 300, received_on=january(2))
    await reverse_payment(ctx, bounced.id, reason="bounced", reversed_on=january(8))
    assert [(await sums(ctx, january(day)))[1] for day in (7, 8)] == ["300.00", "0"]
    returned = await a_payment(ctx, customer, 50, received_on=january(2))
    await refund_payment(ctx, returned.id, amount=cny(50), refunded_on=january(7))
    other = await a_customer(ctx)
    given = await a_payment(ctx, other, 50, received_on=january(2))
    await refund_payment(ctx, given.id, amount=cny(50), refunded_on=january(20))
    assert [(await sums(ctx, january(day)))[1] for day in (6, 7, 19, 20)] == ["400.00", "350.00", "50.00", "0"]


async def test_due_dates_are_those_of_now(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_customer(ctx), due_on=january(2))
    await update_receivable(ctx, receivable.id, {"due_on": january(9)})
    (row,) = await aged(ctx, january(4))
    assert row.current_amount == cny(1000)


async def test_a_limited_collector_sees_own_customers_only(ctx: Context) -> None:
    mine = limited_to(ctx, await a_collector(ctx))
    own, other = await a_customer(ctx, owner_id=mine.customers_of), await a_customer(ctx)
    of_other = await a_receivable(ctx, other, amount=cny(7))
    await a_receivable(ctx, own, amount=cny(5))
    for customer in (own, other):
        await a_payment(ctx, customer, 20, received_on=january(4))
        await issue_credit_note(
            ctx, customer_id=customer.id, number="CN", amount=cny(2), issued_on=january(4), reason="other"
        )
    for day, owed in ((None, ("0.00", "17.00")), (january(3), ("5.00", "0.00")), (january(4), ("0.00", "17.00"))):
        assert await sums(mine, day) == owed
        assert {row.customer_id for row in await aged(mine, day, group_by="customer")} == {own.id}
        assert await aged(mine, day, customer_id=other.id) == []
        found = (await list_aging_receivables(mine, PageRequest(), as_of=day)).items
        assert {row.customer_id for row in found} <= {own.id}
    with pytest.raises(NotFound):
        await get_receivable_balance(mine, of_other.id)


async def test_more_than_one_amount_can_hold_is_added_up(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for _ in range(3):
        await a_receivable(ctx, customer, amount=cny(900_000_000_000_000))
    assert await sums(ctx) == ("2700000000000000.00", "0.00")


async def test_days_outside_the_calendar_are_refused(ctx: Context) -> None:
    for day in (date(1969, 12, 31), date(2201, 1, 1)):
        with pytest.raises(InvalidInput, match="1970"):
            await list_aging(ctx, PageRequest(), as_of=day)
    assert await aged(replace(ctx, time_zone="UTC"), date(2200, 12, 31)) == []
