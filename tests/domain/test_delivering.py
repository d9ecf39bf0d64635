"""Delivering on a real PostgreSQL, with a receiver that answers as told and a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from domain.events.delivering import deliver_due, tenants_with_due_deliveries
from domain.events.fan_out import fan_out
from domain.events.log import list_events
from domain.events.rules.backoff import SCHEDULE
from domain.events.webhook_deliveries import get_webhook_delivery, list_webhook_attempts
from domain.events.webhook_endpoints import (
    get_webhook_endpoint,
    update_webhook_endpoint,
)
from domain.events.webhook_model import WebhookResponse
from domain.kernel.clock import FixedClock
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from tests.factories_webhooks import BROKEN, OK, Receiver, an_endpoint, an_event, deliveries, now


async def test_a_delivery_is_the_event_as_it_was_signed_and_logged(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx)
    event = await an_event(ctx)
    await fan_out(ctx)
    receiver = Receiver(a=[WebhookResponse(202, excerpt="thanks")])
    assert ctx.tenant_id in await tenants_with_due_deliveries(now())
    assert await deliver_due(ctx, receiver) == 1
    assert ctx.tenant_id not in await tenants_with_due_deliveries(now() + timedelta(days=30))

    [request] = receiver.got["a"]
    payload = Webhook(endpoint.secret).verify(request.body, request.headers)
    assert payload == {
        "type": "customer.created",
        "timestamp": event.occurred_at.isoformat().replace("+00:00", "Z"),
        "id": event.id,
        "sequence": event.sequence,
        "tenant_id": ctx.tenant_id,
        "data": msgspec.to_builtins(event.data),
    }
    assert request.headers["webhook-id"] == event.id
    assert abs(int(request.headers["webhook-timestamp"]) - now().timestamp()) < 10

    [delivery] = await deliveries(ctx)
    assert (delivery.state, delivery.attempt_count, delivery.next_attempt_at) == ("delivered", 1, None)
    assert delivery.delivered_at is not None
    [attempt] = (await list_webhook_attempts(ctx, delivery.id, PageRequest())).items
    assert (attempt.number, attempt.response_status, attempt.error, attempt.response_excerpt) == (
        1,
        202,
        None,
        "thanks",
    )


async def test_a_failing_receiver_is_tried_on_schedule_with_the_same_body_until_it_accepts(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    receiver = Receiver(a=[BROKEN, WebhookResponse(None, "timeout"), WebhookResponse(302), OK])
    at = now()
    for attempt in range(1, 5):
        assert await deliver_due(ctx, receiver, clock=FixedClock(at)) == 1
        assert await deliver_due(ctx, receiver, clock=FixedClock(at)) == 0
        [delivery] = await deliveries(ctx)
        if attempt < 4:
            assert delivery.next_attempt_at is not None
            assert SCHEDULE[attempt] <= delivery.next_attempt_at - at <= SCHEDULE[attempt] * 1.2
            at = delivery.next_attempt_at
    assert delivery.state == "delivered"
    assert len({request.body for request in receiver.got["a"]}) == 1
    assert len({request.headers["webhook-id"] for request in receiver.got["a"]}) == 1
    assert len({request.headers["webhook-timestamp"] for request in receiver.got["a"]}) == 4
    first = await list_webhook_attempts(ctx, delivery.id, PageRequest(limit=3))
    rest = await list_webhook_attempts(ctx, delivery.id, PageRequest(limit=3, after=first.next_key))
    logged = [(one.number, one.response_status, one.error) for one in first.items + rest.items]
    assert logged == [(1, 500, "http_status"), (2, None, "timeout"), (3, 302, "redirect"), (4, 200, None)]
    assert (await get_webhook_endpoint(ctx, endpoint.id)).state == "enabled"


async def test_a_receiver_may_ask_to_come_back_later(ctx: Context) -> None:
    await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    at = now()
    await deliver_due(ctx, Receiver(a=[WebhookResponse(429, retry_after="1800")]), clock=FixedClock(at))
    [delivery] = await deliveries(ctx)
    assert delivery.next_attempt_at == at + timedelta(minutes=30)


async def test_after_ten_attempts_a_delivery_fails_and_a_long_dead_endpoint_is_switched_off(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    receiver, at = Receiver(a=[BROKEN]), now()
    at = await _until_settled(ctx, receiver, at)
    [delivery] = await deliveries(ctx)
    assert (delivery.state, delivery.attempt_count, delivery.next_attempt_at) == ("failed", 10, None)
    assert (await get_webhook_endpoint(ctx, endpoint.id)).state == "enabled"  # three days, not five

    await an_event(ctx)
    await fan_out(ctx)
    await _until_settled(ctx, receiver, at)
    switched_off = await get_webhook_endpoint(ctx, endpoint.id)
    assert (switched_off.state, switched_off.disabled_reason, switched_off.version) == ("disabled", "failing", 2)
    [event] = (await list_events(ctx, PageRequest(), type="webhook_endpoint.disabled")).items
    assert event.data["webhook_endpoint"]["disabled_reason"] == "failing"


async def test_one_success_ends_the_count_of_days_that_an_endpoint_failed(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    at = await _until_settled(ctx, Receiver(a=[BROKEN]), now())
    await an_event(ctx)
    await fan_out(ctx)
    await deliver_due(ctx, Receiver(), clock=FixedClock(at))
    await an_event(ctx)
    await fan_out(ctx)
    await _until_settled(ctx, Receiver(a=[BROKEN]), at)
    assert (await get_webhook_endpoint(ctx, endpoint.id)).state == "enabled"


async def test_gone_switches_the_endpoint_off_at_once_and_cancels_the_rest(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    await deliver_due(ctx, Receiver(a=[BROKEN]))  # waits for its second attempt
    await an_event(ctx)
    await fan_out(ctx)
    await deliver_due(ctx, Receiver(a=[WebhookResponse(410)]))
    assert [delivery.state for delivery in await deliveries(ctx)] == ["cancelled", "failed"]
    switched_off = await get_webhook_endpoint(ctx, endpoint.id)
    assert (switched_off.state, switched_off.disabled_reason) == ("disabled", "gone")
    assert (await list_events(ctx, PageRequest(), type="webhook_endpoint.disabled")).items != []


async def test_events_reach_a_healthy_endpoint_in_their_order_of_claim(ctx: Context) -> None:
    await an_endpoint(ctx)
    for _ in range(10):
        await an_event(ctx)
    await fan_out(ctx)
    receiver = Receiver()
    await deliver_due(ctx, receiver)
    numbers = [msgspec.json.decode(request.body)["sequence"] for request in receiver.got["a"]]
    assert numbers == sorted(numbers)


async def test_an_update_of_the_url_counts_from_the_next_attempt(ctx: Context) -> None:
    endpoint = await an_endpoint(ctx, "old")
    await an_event(ctx)
    await fan_out(ctx)
    await update_webhook_endpoint(ctx, endpoint.id, {"url": "https://hooks.example/new"})
    receiver = Receiver()
    await deliver_due(ctx, receiver)
    assert list(receiver.got) == ["new"]


async def test_another_tenants_delivery_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound) as missing:
        await get_webhook_delivery(ctx, "whd_00000000000000000000000000")
    assert missing.value.code == "webhook_delivery_not_found"
    with pytest.raises(NotFound):
        await list_webhook_attempts(ctx, "whd_00000000000000000000000000", PageRequest())
    with pytest.raises(InvalidInput):
        await list_webhook_attempts(ctx, "whd_00000000000000000000000000", PageRequest(after="x"))


async def _until_settled(ctx: Context, receiver: Receiver, at: datetime) -> datetime:
    """Attempts the last delivery whenever it is due, until it is not pending; the instant of the last attempt."""
    while (last := (await deliveries(ctx))[-1]).next_attempt_at is not None:
        at = max(at, last.next_attempt_at).astimezone(UTC)
        await deliver_due(ctx, receiver, clock=FixedClock(at))
    return at
