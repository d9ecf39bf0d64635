"""The event log: numbers without gaps in the order of commits."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from domain.events.log import emit, get_event, list_events
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.storage.transaction import reading, transaction
from tests.factories import a_customer, tenant_context


async def test_numbers_have_no_gaps_whoever_fails_and_whoever_waits(ctx: Context) -> None:
    async def write(n: int) -> None:
        async with transaction(ctx):
            emit(ctx, NewEvent("customer.created", f"cus_{n}", {"customer": {"n": n}}))
            await asyncio.sleep(0.001 * (n % 5))
            emit(ctx, NewEvent("customer.updated", f"cus_{n}", {"customer": {"n": n}}))
            if n % 3 == 0:
                raise LookupError

    await asyncio.gather(*(write(n) for n in range(30)), return_exceptions=True)
    events = (await list_events(ctx, PageRequest(limit=200))).items
    assert [event.sequence for event in events] == list(range(1, 41))
    pairs = [(a.object_id, a.type, b.object_id, b.type) for a, b in zip(events[::2], events[1::2], strict=True)]
    assert all(a == b and (c, d) == ("customer.created", "customer.updated") for a, c, b, d in pairs)


async def test_an_event_is_what_the_object_was_and_cannot_be_changed(ctx: Context) -> None:
    thing = {"name": "before"}
    async with transaction(ctx):
        emit(ctx, NewEvent("customer.created", "cus_1", {"customer": thing}))
        thing["name"] = "after"
    [event] = (await list_events(ctx, PageRequest())).items
    assert event.data == {"customer": {"name": "before"}}
    assert await get_event(ctx, event.id) == event
    with pytest.raises(Exception, match="permission denied"):
        async with transaction(ctx) as tx:
            await tx.execute("delete from events where tenant_id = $1", ctx.tenant_id)


async def test_a_savepoint_that_is_rolled_back_takes_its_events_with_it(ctx: Context) -> None:
    async with transaction(ctx):
        emit(ctx, NewEvent("customer.created", "cus_1", {}))
        with contextlib.suppress(LookupError):
            async with transaction(ctx):
                emit(ctx, NewEvent("customer.created", "cus_2", {}))
                raise LookupError
    assert [event.object_id for event in (await list_events(ctx, PageRequest())).items] == ["cus_1"]


async def test_a_reader_follows_by_number_by_type_and_by_object(ctx: Context) -> None:
    customers = [await a_customer(ctx) for _ in range(5)]
    first = await list_events(ctx, PageRequest(limit=2), after=1)
    rest = await list_events(ctx, PageRequest(limit=2, after=first.next_key), after=1)
    assert [event.sequence for event in first.items + rest.items] == [2, 3, 4, 5]
    assert rest.next_key is None
    assert (await list_events(ctx, PageRequest(), type="customer.updated")).items == []
    [event] = (await list_events(ctx, PageRequest(), object_id=customers[3].id)).items
    assert event.sequence == 4
    with pytest.raises(InvalidInput):
        await list_events(ctx, PageRequest(after="x"))


async def test_what_cannot_be_seen_is_not_found_or_forbidden(ctx: Context) -> None:
    with pytest.raises(NotFound) as missing:
        await get_event(ctx, "evt_00000000000000000000000000")
    assert missing.value.code == "event_not_found"
    stranger = await tenant_context(ctx.tenant_id, frozenset({"customers:read"}))
    with pytest.raises(Forbidden):
        await list_events(stranger, PageRequest())


async def test_without_a_transaction_nothing_can_be_emitted(ctx: Context) -> None:
    with pytest.raises(RuntimeError):
        emit(ctx, NewEvent("customer.created", "cus_1", {}))
    async with reading(ctx) as tx:
        assert await tx.fetchval("select last_sequence from event_streams where tenant_id = $1", ctx.tenant_id) == 0
