"""The outbound client against real local servers that misbehave."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from domain.events.webhook_model import WebhookRequest
from workers.http import EXCERPT_BYTES, GuardedHttp, PrivateAddressError, PublicResolver, public_socket

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEADERS = {"webhook-id": "evt_1", "content-type": "application/json"}


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The URL of a local server."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(answer: bytes) -> AsyncIterator[str]:
    """A server that writes `answer` to whoever connects, and closes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    """The client as a developer runs it, with little patience."""
    async with GuardedHttp(allow_private=True, timeout=0.5) as client:
        yield client


async def test_a_post_arrives_as_it_was_given(http: GuardedHttp) -> None:
    got: list[tuple[str, bytes, str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        got.append((request.method, body, request.headers["webhook-id"], request.headers["user-agent"]))
        return web.Response(status=202, text="thanks", headers={"retry-after": "7", "set-cookie": "a=b"})

    async with serving(handler) as url:
        response = await http.post(WebhookRequest(f"{url}/hook?x=1", HEADERS, b'{"a":1}'))
    assert got == [("POST", b'{"a":1}', "evt_1", "Dunwell-Webhooks/1.0")]
    assert (response.status, response.error, response.retry_after, response.excerpt) == (202, None, "7", "thanks")


async def test_a_redirect_is_an_answer_and_not_followed(http: GuardedHttp) -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=307, headers={"location": "/elsewhere"})

    async with serving(handler) as url:
        assert (await http.post(WebhookRequest(f"{url}/hook", HEADERS, b"{}"))).status == 307
    assert paths == ["/hook"]


async def test_cookies_are_not_kept(http: GuardedHttp) -> None:
    async def handler(request: web.Request) -> web.Response:
        response = web.Response(text=request.headers.get("cookie", "none"))
        response.set_cookie("session", "x")
        return response

    async with serving(handler) as url:
        for _ in range(2):
            assert (await http.post(WebhookRequest(url, HEADERS, b"{}"))).excerpt == "none"


async def test_proxies_of_the_environment_are_not_used(http: GuardedHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    async with serving(handler) as url:
        assert (await http.post(WebhookRequest(url, HEADERS, b"{}"))).status == 200


async def test_a_server_that_hangs_is_a_timeout(http: GuardedHttp) -> None:
    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with serving(handler) as url:
        response = await http.post(WebhookRequest(url, HEADERS, b"{}"))
    assert (response.status, response.error) == (None, "timeout")


async def test_a_huge_answer_is_read_up_to_the_excerpt(http: GuardedHttp) -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(b"x" * 65536)
            sent += 65536
        return response

    async with serving(handler) as url:
        response = await http.post(WebhookRequest(url, HEADERS, b"{}"))
    assert (response.status, response.excerpt) == (200, "x" * EXCERPT_BYTES)
    assert sent < 20_000_000


async def test_a_body_that_never_ends_does_not_spoil_the_status(http: GuardedHttp) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"so far\x00\xff")
        await asyncio.sleep(5)
        return response

    async with serving(handler) as url:
        response = await http.post(WebhookRequest(url, HEADERS, b"{}"))
    assert (response.status, response.error, response.excerpt) == (200, None, "so far\ufffd\ufffd")


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"", "connection_closed"), (b"what?\r\n\r\n", "invalid_response"), (b"HTTP/1.1 20", "connection_closed")],
)
async def test_a_server_that_closes_or_talks_nonsense(http: GuardedHttp, answer: bytes, error: str) -> None:
    async with raw_server(answer) as url:
        response = await http.post(WebhookRequest(url, HEADERS, b"{}"))
    assert (response.status, response.error) == (None, error)


async def test_what_cannot_be_reached_has_a_code_of_its_own(http: GuardedHttp) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert (await http.post(WebhookRequest(f"http://127.0.0.1:{port}/", HEADERS, b"{}"))).error == "connect_failed"
    assert (await http.post(WebhookRequest("http://nobody.invalid/", HEADERS, b"{}"))).error == "name_not_resolved"

    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    async with serving(handler) as url:
        assert (await http.post(WebhookRequest(url.replace("http:", "https:"), HEADERS, b"{}"))).error == "tls_failed"


class Names(AbstractResolver):
    """Resolves every name to the given addresses, one list after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=_family(address), proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        return None


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])
async def test_a_name_that_leads_to_a_private_address_is_refused(address: str) -> None:
    async with GuardedHttp(timeout=0.5, resolver=Names([address])) as http:
        response = await http.post(WebhookRequest("http://hooks.example/", HEADERS, b"{}"))
    assert (response.status, response.error) == (None, "private_address")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "127.1", "2130706433", "0x7f000001", "[::ffff:7f00:1]", "0.0.0.0"]
)
async def test_a_private_address_itself_is_refused_and_nobody_is_called(host: str) -> None:
    called = False

    async def handler(_: web.Request) -> web.Response:
        nonlocal called
        called = True
        return web.Response()

    async with serving(handler) as url, GuardedHttp(timeout=0.5) as http:
        response = await http.post(WebhookRequest(url.replace("127.0.0.1", host), HEADERS, b"{}"))
    assert response.error == "private_address"
    assert not called


async def test_of_mixed_addresses_only_the_public_ones_are_left() -> None:
    resolver = PublicResolver(Names(["127.0.0.1", "1.1.1.1", "fd00::1"]))
    assert [result["host"] for result in await resolver.resolve("hooks.example", 80)] == ["1.1.1.1"]


async def test_a_name_that_changes_its_mind_is_judged_anew() -> None:
    resolver = PublicResolver(Names(["1.1.1.1"], ["127.0.0.1"]))
    await resolver.resolve("hooks.example", 80)
    with pytest.raises(PrivateAddressError):
        await resolver.resolve("hooks.example", 80)


def test_the_last_wall_is_where_the_socket_is_made() -> None:
    with pytest.raises(PrivateAddressError):
        public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)))
    public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 80))).close()
