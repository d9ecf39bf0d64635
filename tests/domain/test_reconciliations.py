"""Reconciliations on the ledger: what was open at a past day, what is followed up, who sees it."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from domain.access.audit import list_audit_entries
from domain.access.model import NewClient
from domain.access.tenants import create_tenant
from domain.customers.model import Customer
from domain.insight.statements import get_statement
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Conflict, DunwellError, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import AllocationWish
from domain.ledger.write_offs import cancel_receivable
from domain.reconciliation import store
from domain.reconciliation.model import MOST_ITEMS, ItemFilter, Reconciliation, ReconciliationItem
from domain.reconciliation.reconciliations import (
    create_reconciliation,
    get_reconciliation,
    get_reconciliation_item,
    list_reconciliation_items,
    list_reconciliations,
    update_reconciliation_item,
)
from domain.reconciliation.rules.matching import TheirItem
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import transaction
from tests.conftest import NOW
from tests.factories import a_customer, tenant_context
from tests.factories_access import a_collector, limited_to
from tests.factories_ledger import a_payment, a_receivable, cny, count, events_of

DAY = date(2026, 3, 1)
RESOLVED = {"state": "resolved", "resolution": "agreed_theirs"}


def line(number: str, amount: str | int = 1000, **more: Any) -> TheirItem:
    return TheirItem(number=number, amount=Decimal(amount), **more)


async def compared(ctx: Context, customer: Customer, *items: TheirItem, **more: Any) -> Reconciliation:
    return await create_reconciliation(ctx, customer.id, **{"as_of": DAY, "currency": "CNY", "items": items, **more})


async def items_of(ctx: Context, whole: Reconciliation, **wanted: Any) -> list[ReconciliationItem]:
    return (await list_reconciliation_items(ctx, whole.id, PageRequest(limit=200), ItemFilter(**wanted))).items


async def a_difference(ctx: Context, customer: Customer | None = None) -> ReconciliationItem:
    whole = await compared(ctx, customer or await a_customer(ctx), line("X-1"))
    return (await items_of(ctx, whole))[0]


@pytest.fixture
async def other_ctx(platform: tuple[PlatformContext, NewClient]) -> Context:
    """Another tenant of the same platform."""
    made = await create_tenant(
        platform[0],
        name="Other Receivables",
        mode="sandbox",
        base_currency="CNY",
        time_zone="UTC",
        locale="en",
        test_clock_at=NOW,
    )
    return await tenant_context(made.id)


async def test_a_list_is_compared_and_followed_up_until_nothing_differs(ctx: Context) -> None:
    customer, owner = await a_customer(ctx), await a_collector(ctx)
    await a_receivable(ctx, customer, number="INV-1")
    missing = await a_receivable(ctx, customer, number="INV-2", amount=cny(300))
    made = await compared(ctx, customer, line("inv 1", 900), line("INV-3", 50))
    assert (made.state, made.matched_count, made.difference_count, made.unresolved_count) == ("open", 0, 3, 3)
    assert [m.amount for m in (made.our_amount, made.their_amount, made.difference_amount)] == [1300, 950, 350]
    first, second, third = await items_of(ctx, made)
    assert [(i.position, i.kind, i.difference_amount) for i in (first, second, third)] == [
        (1, "amount_differs", cny(100)),
        (2, "unknown_to_us", cny(-50)),
        (3, "missing_at_customer", cny(300)),
    ]
    assert (first.our_number, first.their_number, first.our_amount) == ("INV-1", "inv 1", cny(1000))
    assert (third.receivable_id, third.their_amount, third.state) == (missing.id, None, "open")
    taken = await update_reconciliation_item(ctx, first.id, {"state": "in_progress", "owner_id": owner})
    assert await items_of(ctx, made, owner_id=owner) == await items_of(ctx, made, state="in_progress") == [taken]
    for item in (first, second):
        await update_reconciliation_item(ctx, item.id, RESOLVED)
    assert (await get_reconciliation(ctx, made.id)).unresolved_count == 1
    told = {"state": "resolved", "resolution": "other", "note": "sent the invoice again"}
    await update_reconciliation_item(ctx, third.id, told, expected_version=1)
    done = await get_reconciliation(ctx, made.id)
    assert (done.state, done.unresolved_count, done.completed_at, done.version) == ("completed", 0, ctx.now(), 4)
    assert (await list_reconciliations(ctx, PageRequest(), customer_id=customer.id, state="completed")).items == [done]
    assert (await list_reconciliations(ctx, PageRequest(), state="open")).items == []
    events = [e for e in await events_of(ctx) if e.type.startswith("reconciliation.")]
    assert [e.type.partition(".")[2] for e in events] == ["created", *["difference_resolved"] * 3, "completed"]
    assert events[3].data["reconciliation_item"]["note"] == "sent the invoice again"
    assert events[4].data["reconciliation"]["state"] == "completed"


async def test_what_was_open_at_the_day_counts_as_a_statement_says_it(ctx: Context) -> None:
    customer = await a_customer(ctx)
    paid_later = await a_receivable(ctx, customer, number="A")
    paid_before = await a_receivable(ctx, customer, number="B", amount=cny(500), external_id="erp-b")
    later = await a_receivable(ctx, customer, number="C", issued_on=date(2026, 3, 2), due_on=date(2026, 4, 1))
    for receivable, day in ((paid_later, date(2026, 3, 5)), (paid_before, DAY)):
        wishes = [AllocationWish(receivable_id=receivable.id)]
        await a_payment(ctx, customer, str(receivable.amount.amount), received_on=day, allocations=wishes)
    await a_receivable(ctx, customer, number="D", amount=Money(Decimal(7), "EUR"))
    await a_receivable(ctx, await a_customer(ctx), number="E")
    made = await compared(ctx, customer, line("A"), line("z", 500, reference="ERP B"), line("C"), line("D"), line("E"))
    found = await items_of(ctx, made)
    assert [(i.kind, i.receivable_id) for i in found] == [
        ("matched", paid_later.id),
        ("settled_since", paid_before.id),
        ("settled_since", later.id),
        ("unknown_to_us", None),
        ("unknown_to_us", None),
    ]
    statement = await get_statement(ctx, customer.id, as_of=DAY, currency="CNY")
    assert made.our_amount == statement.accounts[0].open_amount == cny(1000)
    assert sum(i.difference_amount.amount for i in found) == made.difference_amount.amount


async def test_what_was_compared_stays_as_it_was(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    made = await compared(ctx, customer, line("INV-1"))
    assert (made.state, made.completed_at, made.unresolved_count) == ("completed", ctx.now(), 0)
    assert [e.type for e in (await events_of(ctx))[-2:]] == ["reconciliation.created", "reconciliation.completed"]
    before = await items_of(ctx, made)
    await cancel_receivable(ctx, receivable.id, reason="twice")
    assert (await items_of(ctx, made), await get_reconciliation(ctx, made.id)) == (before, made)
    for change in ("update reconciliation_items set our_amount = 1", "delete from reconciliations"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(ctx) as tx:
                await tx.execute(change)


async def test_a_cancelled_one_was_never_owed(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    await cancel_receivable(ctx, receivable.id, reason="twice")
    (item,) = await items_of(ctx, await compared(ctx, customer, line("INV-1"), as_of=ctx.today()))
    assert (item.kind, item.receivable_id, item.our_amount) == ("settled_since", receivable.id, cny(0))


async def test_a_difference_is_resolved_once_by_an_owner_of_this_tenant(ctx: Context, other_ctx: Context) -> None:
    item, stranger = await a_difference(ctx), await a_collector(other_ctx)
    for owner in (stranger, "usr_nobody"):
        with pytest.raises(InvalidInput) as unknown:
            await update_reconciliation_item(ctx, item.id, {"owner_id": owner})
        assert [(e.pointer, e.code) for e in unknown.value.errors] == [("/owner_id", "unknown_owner")]
    assert await get_reconciliation_item(ctx, item.id) == item
    with pytest.raises(PreconditionFailed):
        await update_reconciliation_item(ctx, item.id, RESOLVED, expected_version=2)
    assert (await update_reconciliation_item(ctx, item.id, {"state": "open"})) == item
    await update_reconciliation_item(ctx, item.id, RESOLVED)
    with pytest.raises(Conflict) as twice:
        await update_reconciliation_item(ctx, item.id, RESOLVED)
    assert twice.value.code == "difference_resolved"
    assert len(await events_of(ctx, "reconciliation.difference_resolved", "reconciliation.completed")) == 2
    with pytest.raises(NotFound):
        await update_reconciliation_item(other_ctx, item.id, RESOLVED)


async def test_who_was_given_a_difference_is_in_the_audit_log_though_it_is_no_event(ctx: Context) -> None:
    item, owner = await a_difference(ctx), await a_collector(ctx)
    before = len(await events_of(ctx))
    await update_reconciliation_item(ctx, item.id, {"owner_id": owner})
    entries = (await list_audit_entries(ctx, PageRequest(), object_id=item.id)).items
    assert [entry.action for entry in entries] == ["update_reconciliation_item"]
    assert len(await events_of(ctx)) == before


async def test_differences_that_are_resolved_at_once_complete_the_whole_once(ctx: Context) -> None:
    made = await compared(ctx, await a_customer(ctx), *[line(f"X-{n}") for n in range(6)])
    found = await items_of(ctx, made)
    await asyncio.gather(*[update_reconciliation_item(ctx, item.id, RESOLVED) for item in found])
    done = await get_reconciliation(ctx, made.id)
    assert (done.state, done.unresolved_count, done.version) == ("completed", 0, 7)
    assert len(await events_of(ctx, "reconciliation.completed")) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"items": []}, "list_empty"),
        ({"items": [line("1")] * (MOST_ITEMS + 1)}, "too_many_items"),
        ({"items": [line("1", "0.001")]}, "too_many_digits"),
        ({"items": [line("1", "1e15")]}, "amount_out_of_range"),
        ({"items": [line("1", "NaN")]}, "amount_out_of_range"),
        ({"currency": "XXX"}, "unknown_currency"),
        ({"as_of": date(1900, 1, 1)}, "date_out_of_range"),
    ],
)
async def test_a_wrong_list_leaves_nothing(ctx: Context, wrong: dict[str, Any], code: str) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await compared(ctx, customer, **{"items": [line("1")], **wrong})
    assert refused.value.errors[0].code == code
    assert (await count(ctx, "reconciliations"), await count(ctx, "reconciliation_items")) == (0, 0)


async def test_nobody_else_sees_or_changes_it(ctx: Context, other_ctx: Context) -> None:
    customer, item = await a_customer(ctx), await a_difference(ctx)
    with pytest.raises(NotFound):
        await compared(other_ctx, customer, line("1"))
    with pytest.raises(NotFound):
        await get_reconciliation(other_ctx, item.reconciliation_id)
    with pytest.raises(NotFound):
        await list_reconciliation_items(other_ctx, item.reconciliation_id, PageRequest(), ItemFilter())
    reader = await tenant_context(ctx.tenant_id, frozenset({"receivables:read"}))
    with pytest.raises(Forbidden):
        await update_reconciliation_item(reader, item.id, RESOLVED)


async def test_a_collector_reconciles_own_customers_only(ctx: Context) -> None:
    own, other = await a_collector(ctx), await a_collector(ctx)
    limited = limited_to(ctx, own)
    mine, theirs = await a_customer(ctx, owner_id=own), await a_customer(ctx, owner_id=other)
    hidden = await a_difference(ctx, theirs)
    seen = await a_difference(limited, mine)
    assert [w.id for w in (await list_reconciliations(limited, PageRequest())).items] == [seen.reconciliation_id]
    refused: list[DunwellError] = []
    for call in (
        get_reconciliation(limited, hidden.reconciliation_id),
        get_reconciliation_item(limited, hidden.id),
        update_reconciliation_item(limited, hidden.id, RESOLVED),
        compared(limited, theirs, line("1")),
    ):
        with pytest.raises(NotFound) as missing:
            await call
        refused.append(missing.value)
    assert len(refused) == 4
    assert (await update_reconciliation_item(limited, seen.id, RESOLVED)).state == "resolved"


async def test_pages_follow_the_list(ctx: Context) -> None:
    made = await compared(ctx, await a_customer(ctx), *[line(f"X-{n}") for n in range(5)])
    after, numbers = None, list[str | None]()
    while True:
        page = await list_reconciliation_items(ctx, made.id, PageRequest(limit=2, after=after), ItemFilter())
        numbers += [item.their_number for item in page.items]
        if (after := page.next_key) is None:
            break
    assert numbers == [f"X-{n}" for n in range(5)]
    with pytest.raises(InvalidInput):
        await list_reconciliation_items(ctx, made.id, PageRequest(after="x"), ItemFilter())


async def test_ten_lines_take_as_many_statements_as_one(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = await a_customer(ctx)
    sent: list[str] = []
    asked = {name: getattr(BoundTransaction, name) for name in ("fetch", "fetchrow", "fetchval", "execute")}

    def counting(name: str) -> Any:
        async def call(self: Any, *arguments: Any) -> Any:
            sent.append(arguments[0])
            return await asked[name](self, *arguments)

        return call

    for name in asked:
        monkeypatch.setattr(BoundTransaction, name, counting(name))
    await compared(ctx, customer, line("X-1"))
    once, sent[:] = list(sent), []
    await compared(ctx, customer, *[line(f"X-{n}") for n in range(10)])
    assert sent == once
    assert 0 < len(once) < 15


async def test_more_that_is_open_than_can_be_compared_is_told(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_OPEN", 1)
    customer = await a_customer(ctx)
    for number in "AB":
        await a_receivable(ctx, customer, number=number)
    with pytest.raises(Conflict) as refused:
        await compared(ctx, customer, line("A"))
    assert (refused.value.code, await count(ctx, "reconciliations")) == ("too_many_open", 0)
