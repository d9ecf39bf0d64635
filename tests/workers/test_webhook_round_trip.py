"""From an event to a real HTTP receiver that fails first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from domain.events.address_policy import install_address_policy, private_addresses_allowed
from domain.events.delivering import deliver_due
from domain.events.fan_out import fan_out
from domain.events.webhook_deliveries import list_webhook_attempts, list_webhook_deliveries
from domain.events.webhook_endpoints import create_webhook_endpoint
from domain.kernel.clock import FixedClock, SystemClock
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from tests.factories import a_customer
from tests.workers.test_http import serving
from workers.http import GuardedHttp


@pytest.fixture(autouse=True)
def development() -> Iterator[None]:
    """Webhooks may stay on this machine."""
    before = private_addresses_allowed()
    install_address_policy(allow_private=True)
    yield
    install_address_policy(allow_private=before)


async def test_a_receiver_that_answers_500_gets_it_again_and_can_verify_it(ctx: Context) -> None:
    answers, verified = [500, 200], []

    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        verified.append(Webhook(endpoint.secret).verify(body, dict(request.headers)))
        return web.Response(status=answers.pop(0))

    async with serving(handler) as url, GuardedHttp(allow_private=True, timeout=2) as http:
        endpoint = await create_webhook_endpoint(ctx, url=url, event_types=["customer.created"])
        await a_customer(ctx, name="蓝海贸易")
        await fan_out(ctx)
        assert await deliver_due(ctx, http.post) == 1
        assert await deliver_due(ctx, http.post) == 0
        assert await deliver_due(ctx, http.post, clock=FixedClock(SystemClock().now() + timedelta(seconds=7))) == 1
    assert verified[0] == verified[1]
    assert verified[0]["data"]["customer"]["name"] == "蓝海贸易"
    [delivery] = (await list_webhook_deliveries(ctx, PageRequest())).items
    attempts = (await list_webhook_attempts(ctx, delivery.id, PageRequest())).items
    assert [attempt.response_status for attempt in attempts] == [500, 200]


async def test_a_worker_without_the_development_setting_does_not_post_to_this_machine(ctx: Context) -> None:
    called = False

    async def handler(_: web.Request) -> web.Response:
        nonlocal called
        called = True
        return web.Response()

    async with serving(handler) as url, GuardedHttp() as http:
        await create_webhook_endpoint(ctx, url=url)
        await fan_out(ctx)
        assert await deliver_due(ctx, http.post) == 1
    assert not called
    [delivery] = (await list_webhook_deliveries(ctx, PageRequest())).items
    [attempt] = (await list_webhook_attempts(ctx, delivery.id, PageRequest())).items
    assert (attempt.error, attempt.response_status) == ("private_address", None)
