"""The HTTP client for URLs that users gave: it reaches the public internet and nothing else.

Addresses are checked where the connection is made: the resolver drops those that are not public, and the socket factory
refuses them once more, so the checked address is the one connected to and a name that changes its mind gains nothing.
Redirects are not followed, proxies of the environment and cookies are not used. Of the answer to a webhook a kilobyte is
read, of a provider's answer at most `MAX_ANSWER_BYTES`.
"""

from __future__ import annotations

import socket
from types import SimpleNamespace, TracebackType

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from domain.events.rules.addresses import host_of, is_address, is_public
from domain.events.webhook_model import WebhookRequest, WebhookResponse
from workers.http_model import MAX_ANSWER_BYTES, HttpAnswer, HttpRequest

TIMEOUT = 15.0
EXCERPT_BYTES = 1024
_CONNECTIONS = 256
# Shorter than what servers commonly keep, so that we seldom write into a connection that is just being closed.
_KEEP_ALIVE = 4.0
_USER_AGENT = "Dunwell-Webhooks/1.0"
_PROVIDERS_USER_AGENT = "Dunwell/1.0"


class PrivateAddressError(OSError):
    """The host is, or resolves only to, addresses that are not public."""


class GuardedHttp:
    """Open it with `async with`; `post` is a Poster, `request` an Asker. `allow_private` is the development setting."""

    def __init__(
        self, *, allow_private: bool = False, timeout: float = TIMEOUT, resolver: AbstractResolver | None = None
    ) -> None:
        self._allow_private = allow_private
        self._timeout, self._patience = aiohttp.ClientTimeout(total=timeout), timeout
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._providers: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> GuardedHttp:
        resolver = self._resolver or ThreadedResolver()
        connector = aiohttp.TCPConnector(
            resolver=resolver if self._allow_private else PublicResolver(resolver),
            socket_factory=any_socket if self._allow_private else public_socket,
            limit=_CONNECTIONS,
            ttl_dns_cache=10,
            keepalive_timeout=_KEEP_ALIVE,
        )
        self._session = self._opened(connector, _USER_AGENT)
        self._providers = self._opened(connector, _PROVIDERS_USER_AGENT, traces=[_telling_when_it_left()])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._providers, self._session):
            if session is not None:
                await session.close()

    async def post(self, request: WebhookRequest, /) -> WebhookResponse:
        """A Poster: every failure of the network comes back as a response with a stable error code."""
        if self._session is None:
            raise RuntimeError("the client is not open")
        if self._is_refused(request.url):
            return WebhookResponse(None, "private_address")
        try:
            async with self._session.post(
                request.url, headers=request.headers, data=request.body, allow_redirects=False
            ) as response:
                return WebhookResponse(
                    response.status, None, response.headers.get("retry-after"), await _excerpt(response)
                )
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as failure:
            return WebhookResponse(None, error_code(failure))

    async def request(self, request: HttpRequest, /) -> HttpAnswer:
        """An Asker: the whole answer up to MAX_ANSWER_BYTES, a longer one is the error `answer_too_long`."""
        if self._providers is None:
            raise RuntimeError("the client is not open")
        if self._is_refused(request.url):
            return HttpAnswer(status=None, left=False, error="private_address")
        seen = SimpleNamespace(left=False)
        try:
            async with self._providers.request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body,
                timeout=aiohttp.ClientTimeout(total=min(request.timeout, self._patience)),
                allow_redirects=False,
                trace_request_ctx=seen,
            ) as response:
                return await _whole(response)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as failure:
            return HttpAnswer(status=None, left=seen.left, error=error_code(failure))

    def _opened(
        self, connector: aiohttp.TCPConnector, user_agent: str, traces: list[aiohttp.TraceConfig] | None = None
    ) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={"user-agent": user_agent, "accept-encoding": "identity"},
            trace_configs=traces,
        )

    def _is_refused(self, url: str) -> bool:
        """An address written as such is refused here; a name is looked at when it has been resolved."""
        host = host_of(url)
        return not self._allow_private and is_address(host) and not is_public(host)


class PublicResolver(AbstractResolver):
    """Resolves names to their public addresses only."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of `host`; raises PrivateAddressError if it has only others."""
        found = await self._inner.resolve(host, port, family)
        public = [result for result in found if is_public(result["host"])]
        if found and not public:
            raise PrivateAddressError(f"{host} has no public address")
        return public

    async def close(self) -> None:
        """Ends the inner resolver."""
        await self._inner.close()


def error_code(failure: BaseException) -> str:
    """The stable code of what went wrong before an answer came."""
    if isinstance(failure, aiohttp.ClientConnectorError) and isinstance(failure.os_error, PrivateAddressError):
        return "private_address"
    for kind, code in _CODES:
        if isinstance(failure, kind):
            return code
    return "connection_closed"


# The first that fits; what is left are connections that broke off.
_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, "timeout"),
    (PrivateAddressError, "private_address"),
    (aiohttp.ClientConnectorDNSError, "name_not_resolved"),
    (aiohttp.ClientSSLError, "tls_failed"),
    (aiohttp.ClientConnectorError, "connect_failed"),
    (aiohttp.ClientOSError, "connection_closed"),
    (aiohttp.ServerDisconnectedError, "connection_closed"),
    (aiohttp.InvalidURL, "invalid_url"),
    (aiohttp.ClientResponseError, "invalid_response"),
    (aiohttp.ClientPayloadError, "invalid_response"),
    (ValueError, "invalid_url"),
)


async def _excerpt(response: aiohttp.ClientResponse) -> str:
    """The beginning of the answer; the status is what counts, so a body that breaks off or never ends is no failure."""
    kept = b""
    try:
        while len(kept) < EXCERPT_BYTES and (chunk := await response.content.read(EXCERPT_BYTES - len(kept))):
            kept += chunk
    except (TimeoutError, aiohttp.ClientError, OSError):
        response.close()
    if not response.content.at_eof():
        response.close()
    # PostgreSQL's text cannot hold NUL.
    return kept.decode("utf-8", "replace").replace("\x00", "\ufffd")


async def _whole(response: aiohttp.ClientResponse) -> HttpAnswer:
    kept = bytearray()
    while chunk := await response.content.read(MAX_ANSWER_BYTES + 1 - len(kept)):
        kept += chunk
    if len(kept) > MAX_ANSWER_BYTES:
        response.close()
        return HttpAnswer(status=response.status, left=True, error="answer_too_long")
    retry_after = response.headers.get("retry-after")
    return HttpAnswer(status=response.status, left=True, retry_after=retry_after, body=bytes(kept))


def _telling_when_it_left() -> aiohttp.TraceConfig:
    """Marks the request's context just before its first byte is written."""

    async def left(
        session: aiohttp.ClientSession, context: SimpleNamespace, what: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        context.trace_request_ctx.left = True

    traces = aiohttp.TraceConfig()
    traces.on_request_headers_sent.append(left)
    return traces


def any_socket(info: AddrInfoType) -> socket.socket:
    """A socket for the address that is about to be connected to, whatever it is."""
    made = socket.socket(family=info[0], type=info[1], proto=info[2])
    made.setblocking(False)
    return made


def public_socket(info: AddrInfoType) -> socket.socket:
    """The same, for public addresses only; raises PrivateAddressError."""
    address = info[4][0]
    if not is_public(address):
        raise PrivateAddressError(f"{address} is not public")
    return any_socket(info)
