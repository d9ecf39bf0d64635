"""An integrator's webhook receiver: verifies each signature with the `standardwebhooks` package and notes what came."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from cli.demo.outside import Hook, Outside


class WebhookReceiver:
    """Accepts what is signed with the endpoint's secret, refuses the rest with 401, and writes both down."""

    def __init__(self, outside: Outside) -> None:
        self.url = ""
        self._outside = outside
        self._secret: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def registered(self, secret: str) -> None:
        """The endpoint's secret is known; deliveries that were faster than the answer that tells it go on now."""
        self._secret.set_result(secret)

    async def receive(self, request: web.Request) -> web.Response:
        """One delivery."""
        raw = await request.read()
        problem = _problem(await self._secret, raw, dict(request.headers))
        hook = Hook(
            order=self._outside.next_order(),
            event_id=request.headers.get("webhook-id", ""),
            body=_object(raw),
            problem=problem,
        )
        self._outside.hooks.append(hook)
        return web.Response(status=401 if problem else 204)


@asynccontextmanager
async def webhook_receiver(outside: Outside) -> AsyncIterator[WebhookReceiver]:
    """Listens on a free local port."""
    application = web.Application(client_max_size=8 * 2**20)
    runner = web.AppRunner(application, access_log=None)
    receiver = WebhookReceiver(outside)
    application.router.add_post("/webhooks", receiver.receive)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks"
        yield receiver
    finally:
        await runner.cleanup()


def _problem(secret: str, raw: bytes, headers: dict[str, str]) -> str | None:
    try:
        body = Webhook(secret).verify(raw, headers)
    except (WebhookVerificationError, UnicodeDecodeError) as refused:
        return str(refused)
    identifier = {name.lower(): value for name, value in headers.items()}["webhook-id"]
    return None if body.get("id") == identifier else "the body names another event than the header"


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
