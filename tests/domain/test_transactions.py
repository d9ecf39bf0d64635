"""Transactions bound to a tenant: nothing leaks, not a row, not a connection, not a setting."""

from __future__ import annotations

import asyncio

import pytest
from asyncpg import InsufficientPrivilegeError, PostgresError

from domain.access.model import NewClient, Tenant
from domain.access.tenants import create_tenant
from domain.customers.customers import list_customers
from domain.events.log import emit, list_events
from domain.events.model import NewEvent
from domain.kernel.context import Context, PlatformContext
from domain.kernel.paging import PageRequest
from domain.storage.engine import DB
from domain.storage.transaction import fetch_one, reading, transaction, unbound
from tests.factories import a_customer, tenant_context

ONE = "select id, name from customers where tenant_id = bound.tenant_id and id = $2"


@pytest.fixture
async def other(platform: tuple[PlatformContext, NewClient], tenant: Tenant) -> Context:
    """Another tenant of the same platform."""
    made = await create_tenant(
        platform[0], name="Other", mode="live", base_currency="CNY", time_zone="UTC", locale="en"
    )
    return await tenant_context(made.id)


async def test_without_a_filter_a_tenant_sees_only_its_own_rows(ctx: Context, other: Context) -> None:
    mine = await a_customer(ctx)
    await a_customer(other)
    async with reading(ctx) as tx:
        assert [row["id"] for row in await tx.fetch("select id from customers")] == [mine.id]


async def test_unbound_nobody_sees_anything(ctx: Context) -> None:
    await a_customer(ctx)
    async with unbound() as tx:
        assert await tx.fetch("select id from customers") == []


async def test_a_row_cannot_be_written_for_another_tenant(ctx: Context, other: Context) -> None:
    with pytest.raises(InsufficientPrivilegeError):
        async with transaction(ctx) as tx:
            await tx.execute("insert into event_streams (tenant_id) values ($1)", other.tenant_id)


async def test_reading_in_one_round_trip_obeys_the_same_walls(ctx: Context, other: Context) -> None:
    mine, theirs = await a_customer(ctx), await a_customer(other)
    # More often than PostgreSQL plans anew, so that the cached plan is tried too.
    for _ in range(12):
        assert (await fetch_one(ctx, ONE, mine.id))["id"] == mine.id
        assert await fetch_one(ctx, ONE, theirs.id) is None
    async with unbound() as tx:
        assert await tx.fetchval("select current_setting('app.tenant', true)") == ""


async def test_failed_and_cancelled_transactions_give_their_connections_back(ctx: Context) -> None:
    async def fail() -> None:
        async with transaction(ctx) as tx:
            await tx.execute("select no_such_function()")

    async def hang() -> None:
        async with transaction(ctx) as tx:
            await tx.execute("select pg_sleep(5)")

    for _ in range(30):
        with pytest.raises(PostgresError):
            await fail()
    hanging = [asyncio.create_task(hang()) for _ in range(5)]
    for _ in range(20):
        await asyncio.sleep(0)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    assert DB.pool is not None
    pages = await asyncio.gather(*(list_customers(ctx, PageRequest()) for _ in range(40)))
    assert all(page.items == [] for page in pages)
    assert DB.pool.get_idle_size() == DB.pool.get_size()


async def test_a_failed_savepoint_takes_its_rows_and_events_with_it(ctx: Context) -> None:
    async def fail() -> None:
        async with transaction(ctx):
            await a_customer(ctx)
            raise ZeroDivisionError

    async with transaction(ctx):
        kept = await a_customer(ctx)
        with pytest.raises(ZeroDivisionError):
            await fail()
    assert [customer.id for customer in (await list_customers(ctx, PageRequest())).items] == [kept.id]
    assert [event.object_id for event in (await list_events(ctx, PageRequest())).items] == [kept.id]


async def test_a_transaction_of_another_tenant_cannot_be_joined(ctx: Context, other: Context) -> None:
    async with transaction(ctx):
        with pytest.raises(RuntimeError, match="another tenant"):
            async with reading(other):
                pass


async def test_events_of_concurrent_writers_are_numbered_without_gaps(ctx: Context) -> None:
    async def write(n: int) -> None:
        try:
            async with transaction(ctx):
                emit(ctx, *(NewEvent("customer.updated", f"{n}-{k}", {}) for k in range(n % 3 + 1)))
                if n % 5 == 0:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    await asyncio.gather(*(write(n) for n in range(60)))
    numbers = [event.sequence for event in (await list_events(ctx, PageRequest(limit=200))).items]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == sum(n % 3 + 1 for n in range(60) if n % 5)
