"""From events to deliveries."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

from domain.events.fan_out import fan_out, tenants_to_fan_out
from domain.events.log import list_events
from domain.events.webhook_deliveries import list_webhook_deliveries
from domain.events.webhook_endpoints import create_webhook_endpoint, delete_webhook_endpoint, update_webhook_endpoint
from domain.events.webhook_model import WebhookDelivery
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import transaction
from tests.factories import a_customer

URL = "https://hooks.example/dunwell"


async def deliveries(ctx: Context, **filters: Any) -> list[WebhookDelivery]:
    return (await list_webhook_deliveries(ctx, PageRequest(limit=200), **filters)).items


async def test_each_event_becomes_one_delivery_for_each_endpoint_that_wants_it(ctx: Context) -> None:
    await a_customer(ctx)
    everything = await create_webhook_endpoint(ctx, url=URL)
    cases = await create_webhook_endpoint(ctx, url=URL, event_types=["case.*"])
    customers = await create_webhook_endpoint(ctx, url=URL, event_types=["customer.created"])
    customer = await a_customer(ctx)
    assert ctx.tenant_id in await tenants_to_fan_out()
    assert await fan_out(ctx) == 5
    assert await fan_out(ctx) == 0
    assert ctx.tenant_id not in await tenants_to_fan_out()

    # From its own creation on, and nothing from before.
    assert [made.event_sequence for made in await deliveries(ctx, endpoint_id=everything.id)] == [2, 3, 4, 5]
    assert await deliveries(ctx, endpoint_id=cases.id) == []
    [made] = await deliveries(ctx, endpoint_id=customers.id)
    [event] = (await list_events(ctx, PageRequest(), object_id=customer.id)).items
    assert (made.event_id, made.event_type, made.state, made.attempt_count) == (event.id, event.type, "pending", 0)
    assert {one.endpoint_id for one in await deliveries(ctx, event_id=event.id)} == {everything.id, customers.id}
    assert await deliveries(ctx, event_id="evt_00000000000000000000000000") == []
    assert len(await deliveries(ctx, state="pending")) == 5


async def test_it_goes_batch_by_batch_and_two_at_once_make_nothing_twice(ctx: Context) -> None:
    endpoint = await create_webhook_endpoint(ctx, url=URL)
    for _ in range(9):
        await a_customer(ctx)
    assert await fan_out(ctx, 4) == 4
    await asyncio.gather(*(fan_out(ctx, 4) for _ in range(4)))
    while await fan_out(ctx, 4):
        pass
    assert [made.event_sequence for made in await deliveries(ctx, endpoint_id=endpoint.id)] == list(range(1, 11))


async def test_what_happens_while_an_endpoint_is_disabled_is_not_sent_later(ctx: Context) -> None:
    endpoint = await create_webhook_endpoint(ctx, url=URL, event_types=["customer.*"])
    await update_webhook_endpoint(ctx, endpoint.id, {"state": "disabled"})
    await a_customer(ctx)
    await update_webhook_endpoint(ctx, endpoint.id, {"state": "enabled"})
    await a_customer(ctx)
    await fan_out(ctx)
    assert [made.event_sequence for made in await deliveries(ctx)] == [5]


async def test_switching_an_endpoint_off_or_deleting_it_cancels_what_is_pending(ctx: Context) -> None:
    off = await create_webhook_endpoint(ctx, url=URL)
    deleted = await create_webhook_endpoint(ctx, url=URL)
    await fan_out(ctx)
    await update_webhook_endpoint(ctx, off.id, {"state": "disabled"})
    await delete_webhook_endpoint(ctx, deleted.id)
    assert {(made.state, made.next_attempt_at) for made in await deliveries(ctx)} == {("cancelled", None)}
    await fan_out(ctx)
    assert len(await deliveries(ctx)) == 3


async def test_an_endpoint_switched_off_during_a_fan_out_keeps_no_pending_delivery(ctx: Context) -> None:
    endpoint = await create_webhook_endpoint(ctx, url=URL)

    async def switch_off() -> None:
        await update_webhook_endpoint(ctx, endpoint.id, {"state": "disabled"})

    async with transaction(ctx) as tx:
        await fan_out(ctx)
        # As another caller: in a context of its own, outside this transaction.
        switching = asyncio.create_task(switch_off(), context=contextvars.Context())
        await _until_blocked(tx)
    await switching
    assert [made.state for made in await deliveries(ctx)] == ["cancelled"]


async def test_an_endpoint_misses_no_event_that_commits_while_it_is_created(ctx: Context) -> None:
    async def busy() -> None:
        for _ in range(15):
            await a_customer(ctx)
            await fan_out(ctx)

    _, endpoint, _ = await asyncio.gather(busy(), create_webhook_endpoint(ctx, url=URL), busy())
    await fan_out(ctx)
    numbers = [made.event_sequence for made in await deliveries(ctx, endpoint_id=endpoint.id)]
    [created] = (await list_events(ctx, PageRequest(), type="webhook_endpoint.created")).items
    assert sorted(numbers) == list(range(created.sequence, 32))


async def test_a_batch_takes_a_constant_number_of_statements(ctx: Context) -> None:
    for _ in range(2):
        await create_webhook_endpoint(ctx, url=URL)
    few = await _statements_of_fan_out(ctx)
    for _ in range(50):
        await a_customer(ctx)
    assert await _statements_of_fan_out(ctx) == few


async def _statements_of_fan_out(ctx: Context) -> int:
    count = 0

    def counted(_: object) -> None:
        nonlocal count
        count += 1

    async with transaction(ctx) as tx:
        with tx.connection.query_logger(counted):
            assert await fan_out(ctx)
    return count


async def _until_blocked(tx: BoundTransaction) -> None:
    while not await tx.fetchval("select exists (select 1 from pg_locks where not granted)"):
        await asyncio.sleep(0.01)
