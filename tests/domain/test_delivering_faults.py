"""Receivers that hang, workers that die, endpoints that vanish meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.events.delivering import deliver_due
from domain.events.fan_out import fan_out
from domain.events.webhook_claims import LEASE
from domain.events.webhook_deliveries import list_webhook_attempts
from domain.events.webhook_endpoints import (
    delete_webhook_endpoint,
)
from domain.events.webhook_model import WebhookRequest, WebhookResponse
from domain.kernel.clock import FixedClock
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from tests.factories_webhooks import BROKEN, OK, Receiver, an_endpoint, an_event, deliveries, now


async def test_an_endpoint_deleted_while_it_is_posted_to_is_not_tried_again(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)

    async def deleting(_: WebhookRequest, /) -> WebhookResponse:
        await delete_webhook_endpoint(ctx, endpoint.id)
        return BROKEN

    assert await deliver_due(ctx, deleting) == 1
    [delivery] = await deliveries(ctx)
    assert (delivery.state, delivery.next_attempt_at) == ("cancelled", None)


async def test_an_endpoint_that_hangs_holds_up_nobody(ctx: Context) -> None:
    slow, quick = await an_endpoint(ctx, "slow"), await an_endpoint(ctx, "quick")
    for _ in range(40):
        await an_event(ctx)
    await fan_out(ctx)
    receiver, released, most = Receiver(), asyncio.Event(), 0
    under_way = 0

    async def hanging(request: WebhookRequest, /) -> WebhookResponse:
        nonlocal under_way, most
        if request.url.endswith("quick"):
            return await receiver(request)
        under_way += 1
        most = max(most, under_way)
        await released.wait()
        under_way -= 1
        return WebhookResponse(None, "timeout")

    work = asyncio.create_task(deliver_due(ctx, hanging, limit=1000))
    await _until(lambda: len(receiver.got["quick"]) == 40)
    await an_event(ctx)  # happens while the other endpoint hangs, and is delivered all the same
    await fan_out(ctx)
    async with asyncio.timeout(10):
        while {made.state for made in await deliveries(ctx, quick.id)} != {"delivered"}:
            await asyncio.sleep(0.05)
    assert len(receiver.got["quick"]) == 41
    assert 0 < most <= 24
    released.set()
    await work
    assert {made.attempt_count for made in await deliveries(ctx, slow.id)} == {1}


async def test_an_endpoint_known_to_fail_is_only_probed_and_recovers_with_all_it_missed(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    await deliver_due(ctx, Receiver(a=[BROKEN]))
    for _ in range(30):
        await an_event(ctx)
    await fan_out(ctx)
    at_once = most = 0

    async def probed(_: WebhookRequest, /) -> WebhookResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return BROKEN

    assert await deliver_due(ctx, probed, limit=6) == 6
    assert most == 2
    await deliver_due(ctx, Receiver(), clock=FixedClock(now() + timedelta(minutes=10)))
    assert {made.state for made in await deliveries(ctx, endpoint.id)} == {"delivered"}


async def test_a_worker_that_died_delays_a_delivery_by_the_lease_and_loses_nothing(ctx: Context) -> None:
    await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    started = asyncio.Event()

    async def never(_: WebhookRequest, /) -> WebhookResponse:
        started.set()
        await asyncio.Event().wait()
        return OK

    at = now()
    work = asyncio.create_task(deliver_due(ctx, never, clock=FixedClock(at)))
    await started.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    receiver = Receiver()
    assert await deliver_due(ctx, receiver, clock=FixedClock(at + LEASE - timedelta(seconds=1))) == 0
    assert await deliver_due(ctx, receiver, clock=FixedClock(at + LEASE)) == 1
    [delivery] = await deliveries(ctx)
    assert (delivery.state, delivery.attempt_count) == ("delivered", 2)


async def test_several_workers_at_once_post_each_delivery_once(ctx: Context) -> None:
    await an_endpoint(ctx)
    for _ in range(60):
        await an_event(ctx)
    await fan_out(ctx)
    receiver = Receiver()
    made = await asyncio.gather(*(deliver_due(ctx, receiver) for _ in range(4)))
    ids = [request.headers["webhook-id"] for request in receiver.got["a"]]
    assert sum(made) == len(ids) == len(set(ids)) == 60
    assert {delivery.state for delivery in await deliveries(ctx)} == {"delivered"}


async def test_a_poster_that_breaks_spoils_one_attempt_and_no_other(ctx: Context) -> None:
    await an_endpoint(ctx, "bad")
    good = await an_endpoint(ctx, "good")
    await an_event(ctx)
    await fan_out(ctx)

    async def breaking(request: WebhookRequest, /) -> WebhookResponse:
        if request.url.endswith("bad"):
            raise RuntimeError("a bug")
        return OK

    assert await deliver_due(ctx, breaking) == 2
    by_endpoint = {made.endpoint_id == good.id: made for made in await deliveries(ctx)}
    assert (by_endpoint[True].state, by_endpoint[False].state) == ("delivered", "pending")
    [attempt] = (await list_webhook_attempts(ctx, by_endpoint[False].id, PageRequest())).items
    assert attempt.error == "internal_error"


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
