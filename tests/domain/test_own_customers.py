"""A collector who is limited to own customers finds and changes nothing of any other customer, in any table."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.collections.activities import record_activity
from domain.collections.tasks import create_task, list_tasks
from domain.customers.contacts import create_contact, list_contacts
from domain.customers.customers import create_customer, get_customer, list_customers, put_customer, update_customer
from domain.dunning.reminder_settings import put_reminder_settings
from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, DunwellError, Forbidden, InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import get_receivable, list_receivables
from domain.storage.transaction import reading, transaction
from tests.factories import a_contact, a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_dunning import a_plan, run_at
from tests.factories_ledger import a_payment, a_receivable, imported

OF_CUSTOMERS = ("contacts", "receivables", "payments", "activities", "tasks")


@pytest.fixture
async def mine(ctx: Context) -> Context:
    """A limited collector of the tenant."""
    return limited_to(ctx, await a_collector(ctx))


async def filled(ctx: Context, owner_id: str | None) -> str:
    """A customer of `owner_id` with something in every table that a use case fills."""
    customer = await a_customer(ctx, owner_id=owner_id)
    await a_contact(ctx, customer)
    receivable = await a_receivable(ctx, customer)
    await put_reminder_settings(ctx, receivable.id, grace_days=0)
    await a_payment(ctx, customer, 100)
    await record_activity(ctx, customer_id=customer.id, kind="note", summary="s")
    await create_task(ctx, title="call", customer_id=customer.id, receivable_id=receivable.id)
    return customer.id


async def test_only_own_customers_and_what_belongs_to_them_are_seen(ctx: Context, mine: Context) -> None:
    own, other = await filled(ctx, mine.customers_of), await filled(ctx, await a_collector(ctx))
    await filled(ctx, None)
    assert [c.id for c in (await list_customers(mine, PageRequest())).items] == [own]
    assert {r.customer_id for r in (await list_receivables(mine, PageRequest())).items} == {own}
    assert {t.customer_id for t in (await list_tasks(mine, PageRequest())).items} == {own}
    assert (await list_events(mine, PageRequest())).items == []
    with pytest.raises(NotFound):
        await get_customer(mine, other)
    with pytest.raises(NotFound):
        await list_contacts(mine, other, PageRequest())
    async with reading(mine) as tx:
        for table in OF_CUSTOMERS:
            assert [r[0] for r in await tx.fetch(f"select distinct customer_id from {table}")] == [own], table
        assert await tx.fetchval("select count(distinct receivable_id) from entries") == 1
        assert await tx.fetchval("select count(*) from allocations") == 1


async def test_one_receivable_is_read_through_the_limit(ctx: Context, mine: Context) -> None:
    own = await a_receivable(ctx, await a_customer(ctx, owner_id=mine.customers_of))
    other = await a_receivable(ctx, await a_customer(ctx), number="INV-2")
    assert (await get_receivable(mine, own.id)).id == own.id
    with pytest.raises(NotFound):
        await get_receivable(mine, other.id)


async def test_nothing_of_another_is_changed_or_removed(ctx: Context, mine: Context) -> None:
    other = await filled(ctx, await a_collector(ctx))
    async with transaction(mine) as tx:
        assert await tx.execute("update customers set name = 'taken', owner_id = $1", mine.customers_of) == "UPDATE 0"
        for table in OF_CUSTOMERS:
            assert await tx.execute(f"update {table} set customer_id = customer_id") == "UPDATE 0", table
            assert await tx.execute(f"delete from {table}") == "DELETE 0", table
    assert (await get_customer(ctx, other)).name == "Lanhai Trading"


async def test_writing_for_anothers_customer_is_refused(ctx: Context, mine: Context) -> None:
    other = await a_customer(ctx, owner_id=await a_collector(ctx))
    for attempt in (
        lambda: create_contact(mine, other.id, name="x"),
        lambda: record_activity(mine, customer_id=other.id, kind="note", summary="s"),
        lambda: create_task(mine, title="t", customer_id=other.id),
        lambda: update_customer(mine, other.id, {"name": "x"}),
        lambda: create_customer(mine, name="x", owner_id=other.owner_id),
    ):
        with pytest.raises((NotFound, Forbidden, InvalidInput)) as refused:
            await attempt()
        assert isinstance(refused.value, DunwellError)


async def test_a_limited_collector_owns_what_it_creates_and_cannot_give_it_away(ctx: Context, mine: Context) -> None:
    made = await create_customer(mine, name="Neu")
    put = await put_customer(mine, "x-1", name="Neu")
    assert made.owner_id == put.owner_id == mine.customers_of
    for owner_id in (None, await a_collector(ctx)):
        with pytest.raises(Forbidden) as refused:
            await update_customer(mine, made.id, {"owner_id": owner_id})
        assert refused.value.code == "not_your_customer"
    types = [event.type for event in (await list_events(ctx, PageRequest())).items]
    assert types == ["customer.created", "customer.created"]


async def test_an_external_id_of_a_payment_that_is_not_seen_is_taken(ctx: Context, mine: Context) -> None:
    await a_payment(ctx, await a_customer(ctx), 100, external_id="p-1")
    own = await a_customer(ctx, owner_id=mine.customers_of)
    receivable = await a_receivable(ctx, own)
    with pytest.raises(Conflict) as refused:
        await a_payment(mine, own, 100, external_id="p-1")
    assert refused.value.code == "payment_external_id_taken"
    assert (await get_receivable(mine, receivable.id)).status == "open"


async def test_an_owner_is_a_user_of_the_tenant(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_customer(ctx, name="x", owner_id="usr_nobody")
    assert refused.value.errors[0].code == "unknown_owner"


async def test_customers_are_listed_by_owner_and_a_put_leaves_the_owner(ctx: Context, mine: Context) -> None:
    await a_customer(ctx)
    own = await a_customer(ctx, owner_id=mine.customers_of, external_id="c-1")
    assert await put_customer(ctx, "c-1", name=own.name) == own
    assert (await list_customers(ctx, PageRequest(), owner_id=mine.customers_of)).items == [own]


async def test_the_limit_ends_with_its_transaction(ctx: Context, mine: Context) -> None:
    await a_customer(ctx)
    for _ in range(3):
        assert (await list_customers(mine, PageRequest())).items == []
        assert len((await list_customers(ctx, PageRequest())).items) == 1


async def test_the_application_role_can_neither_change_nor_remove_audit_entries(ctx: Context) -> None:
    await a_customer(ctx)
    for statement in ("update audit_entries set action = 'x'", "delete from audit_entries", "delete from audit_heads"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(ctx) as tx:
                await tx.execute(statement)


# Each table that belongs to customers, with the customer of a row as somebody unlimited finds it.
CUSTOMER_OF = {
    **dict.fromkeys((*OF_CUSTOMERS, "notices", "escalations", "cases"), "t.customer_id"),
    "customers": "t.id",
    "reminder_settings": "(select customer_id from receivables r where r.id = t.receivable_id)",
    "entries": "(select customer_id from receivables r where r.id = t.receivable_id)",
    "allocations": "(select customer_id from payments p where p.id = t.payment_id)",
    "deliveries": "(select customer_id from notices n where n.id = t.notice_id)",
    "occurrences": "(select customer_id from cases c where c.id = t.case_id)",
}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([None, 0, 1, 2]), min_size=1, max_size=4))
async def test_whoever_owns_what_each_sees_exactly_its_own_in_every_table(
    ctx: Context, owners: list[int | None]
) -> None:
    collectors = [await a_collector(ctx) for _ in range(3)]
    of: dict[str, str | None] = {}
    await a_plan(ctx, is_default=not of, name="p")
    for owner in owners:
        owner_id = None if owner is None else collectors[owner]
        of[await filled(ctx, owner_id)] = owner_id
    await run_at(ctx, datetime(2026, 2, 20, tzinfo=UTC))
    for collector in collectors:
        theirs = {customer_id for customer_id, owner_id in of.items() if owner_id == collector}
        for table, customer in CUSTOMER_OF.items():
            ask = f"select {customer} as of, count(*) as rows from {table} t group by 1"
            async with reading(ctx) as tx:
                everything = {row["of"]: row["rows"] for row in await tx.fetch(ask)}
            async with reading(limited_to(ctx, collector)) as tx:
                seen = {row["of"]: row["rows"] for row in await tx.fetch(ask)}
            assert seen == {one: rows for one, rows in everything.items() if one in theirs}, table


async def test_what_shows_everybody_at_once_is_closed(ctx: Context, mine: Context) -> None:
    await filled(ctx, mine.customers_of)
    await imported(ctx, "external_id,name\n,x\n", kind="customers")
    async with reading(mine) as tx:
        for table in ("events", "webhook_endpoints", "webhook_deliveries", "webhook_attempts", "operations"):
            assert await tx.fetchval(f"select count(*) from {table}") == 0, table
        assert await tx.fetchval("select count(*) from operation_errors") == 0
        assert await tx.fetchval("select count(*) from operation_chunks") == 0
