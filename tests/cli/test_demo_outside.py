"""The demo's mail server and webhook receiver, and the client with which it plays the integrator."""

from __future__ import annotations

import json
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from cli.demo.client import ApiError, Client, OperationFailedError
from cli.demo.mail_sink import mail_sink
from cli.demo.outside import Outside
from cli.demo.webhook_receiver import webhook_receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def test_the_mail_sink_hands_on_what_it_accepted() -> None:
    received: list[tuple[str, EmailMessage]] = []
    message = EmailMessage()
    message["To"], message["Subject"], message["Message-ID"] = (
        "wang@lanhai.example",
        "付款提醒",
        "<ntc_1@dunwell.example>",
    )
    message.set_content("您好")
    with (
        mail_sink(lambda *mail: received.append(mail)) as url,
        smtplib.SMTP("127.0.0.1", int(url.rsplit(":")[-1])) as smtp,
    ):
        smtp.send_message(message, from_addr="us@dunwell.example")
    [(recipient, mail)] = received
    assert recipient == "wang@lanhai.example"
    assert (mail["Subject"], mail["Message-ID"]) == ("付款提醒", "<ntc_1@dunwell.example>")
    assert mail.get_content().strip() == "您好"


async def post_webhook(url: str, body: dict[str, Any], secret: str = SECRET, event_id: str | None = None) -> int:
    raw, now = json.dumps(body), datetime.now(UTC)
    identifier = event_id or body["id"]
    headers = {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(identifier, now, raw),
    }
    async with aiohttp.ClientSession() as session, session.post(url, data=raw, headers=headers) as answer:
        return answer.status


async def test_the_receiver_accepts_what_is_signed_and_notes_what_it_says() -> None:
    outside = Outside()
    async with webhook_receiver(outside) as receiver:
        receiver.registered(SECRET)
        assert await post_webhook(receiver.url, {"id": "evt_1", "type": "receivable.paid"}) == 204
    [hook] = outside.hooks
    assert (hook.event_id, hook.body["type"], hook.problem) == ("evt_1", "receivable.paid", None)
    assert outside.delivered_event_ids() == {"evt_1"}


async def test_the_receiver_refuses_another_secret_and_another_event() -> None:
    outside = Outside()
    async with webhook_receiver(outside) as receiver:
        receiver.registered(SECRET)
        forged = SECRET[:-4] + "AAAA"
        assert await post_webhook(receiver.url, {"id": "evt_1"}, secret=forged) == 401
        assert await post_webhook(receiver.url, {"id": "evt_1"}, event_id="evt_2") == 401
    assert [hook.problem is None for hook in outside.hooks] == [False, False]
    assert outside.delivered_event_ids() == set()


@pytest.fixture
async def served() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Serves a token endpoint and one handler for all other paths."""
    runners: list[web.AppRunner] = []

    async def serve(handler: Handler) -> str:
        application = web.Application()
        application.router.add_post("/oauth/token", token)
        application.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(application, access_log=None)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield serve
    for runner in runners:
        await runner.cleanup()


async def token(request: web.Request) -> web.Response:
    if request.headers["Authorization"] != aiohttp.encode_basic_auth("cli_1", "right"):
        return web.json_response({"error": "invalid_client"}, status=401)
    return web.json_response({"access_token": "t0k3n", "expires_in": 900})


async def test_a_busy_answer_is_tried_again_under_the_same_key(served: Callable[[Handler], Awaitable[str]]) -> None:
    keys: list[str] = []

    async def busy_once(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer t0k3n"
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            return web.json_response({"code": "busy"}, status=503, headers={"Retry-After": "0"})
        return web.json_response({"id": "pay_1"}, status=201)

    async with Client(await served(busy_once), "cli_1", "right") as client:
        assert await client.post("/v1/payments", {}) == {"id": "pay_1"}
    assert len(keys) == 2
    assert keys[0] == keys[1]


async def test_a_refusal_is_raised_with_its_code(served: Callable[[Handler], Awaitable[str]]) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"code": "amount_not_positive"}, status=400)

    async with Client(await served(refuse), "cli_1", "right") as client:
        with pytest.raises(ApiError) as refused:
            await client.post("/v1/payments", {})
    assert (refused.value.status, refused.value.code) == (400, "amount_not_positive")


async def test_wrong_credentials_are_raised(served: Callable[[Handler], Awaitable[str]]) -> None:
    async def never(_request: web.Request) -> web.Response:
        raise AssertionError

    async with Client(await served(never), "cli_1", "wrong") as client:
        with pytest.raises(ApiError) as refused:
            await client.get("/v1/clock")
    assert refused.value.status == 401


async def test_a_list_is_read_to_its_last_page(served: Callable[[Handler], Awaitable[str]]) -> None:
    async def pages(request: web.Request) -> web.Response:
        cursor = request.query.get("cursor")
        return web.json_response({"data": [cursor or "first"], "next_cursor": None if cursor == "b" else "b"})

    async with Client(await served(pages), "cli_1", "right") as client:
        assert [one async for one in client.list("/v1/events")] == ["first", "b"]


async def test_an_operation_with_a_failed_row_is_not_a_success(served: Callable[[Handler], Awaitable[str]]) -> None:
    async def operation(request: web.Request) -> web.Response:
        if request.path.endswith("/errors"):
            return web.json_response({"data": [{"line": 3, "code": "unknown_currency"}], "next_cursor": None})
        return web.json_response(
            {"id": "opr_1", "kind": "import", "state": "succeeded", "progress": {"failed": 1}, "error": None}
        )

    started = {"id": "opr_1", "kind": "import", "state": "running", "progress": {"failed": 0}, "error": None}
    async with Client(await served(operation), "cli_1", "right") as client:
        with pytest.raises(OperationFailedError, match="unknown_currency"):
            await client.finished(started)
