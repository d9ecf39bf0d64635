"""The HTTP client for URLs that users gave: it reaches the public internet and nothing else.

Addresses are checked where the connection is made: the resolver drops those that are not public, and the socket factory
refuses them once more, so the checked address is the one connected to and a name that changes its mind gains nothing.
Redirects are not followed, proxies of the environment and cookies are not used, answers are read up to a bound.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from domain.events.rules.addresses import host_of, is_address, is_public
from domain.events.webhook_model import WebhookRequest, WebhookResponse

TIMEOUT = 15.0
EXCERPT_BYTES = 1024
ANSWER_BYTES = 262_144
_CONNECTIONS = 256
# Shorter than what servers commonly keep, so that we seldom write into a connection that is just being closed.
_KEEP_ALIVE = 4.0
_USER_AGENT = "Dunwell-Webhooks/1.0"


class PrivateAddressError(OSError):
    """The host is, or resolves only to, addresses that are not public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What came back. Without a status, `error` says what went wrong, and `sent` whether the other side may have read the request."""

    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    sent: bool = True


class GuardedHttp:
    """Open it with `async with`; its `post` is a Poster. `allow_private` is the development setting."""

    def __init__(
        self, *, allow_private: bool = False, timeout: float = TIMEOUT, resolver: AbstractResolver | None = None
    ) -> None:
        self._allow_private = allow_private
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        # Too long a wait for a connection is told apart from too long a wait for an answer: only then is it sure that nothing was sent.
        self._provider_timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> GuardedHttp:
        resolver = self._resolver or ThreadedResolver()
        connector = aiohttp.TCPConnector(
            resolver=resolver if self._allow_private else PublicResolver(resolver),
            socket_factory=any_socket if self._allow_private else public_socket,
            limit=_CONNECTIONS,
            ttl_dns_cache=10,
            keepalive_timeout=_KEEP_ALIVE,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={"user-agent": _USER_AGENT, "accept-encoding": "identity"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, request: WebhookRequest, /) -> WebhookResponse:
        """A Poster: every failure of the network comes back as a response with a stable error code."""
        if self._session is None:
            raise RuntimeError("the client is not open")
        host = host_of(request.url)
        if not self._allow_private and is_address(host) and not is_public(host):
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

    async def exchange(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """One request to a message provider, its answer read up to `ANSWER_BYTES`; a failure of the network is an answer too.

        The URL goes out as it is written: some providers sign its encoding.
        """
        if self._session is None:
            raise RuntimeError("the client is not open")
        host = host_of(url)
        if not self._allow_private and is_address(host) and not is_public(host):
            return HttpAnswer(error="private_address", sent=False)
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=self._provider_timeout,
            ) as response:
                content = await response.content.read(ANSWER_BYTES)
                while content and len(content) < ANSWER_BYTES and (more := await response.content.read(ANSWER_BYTES)):
                    content += more
                answered = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(status=response.status, body=content[:ANSWER_BYTES], headers=answered)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as failure:
            return HttpAnswer(error=error_code(failure), sent=not isinstance(failure, _NEVER_SENT))


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


_NEVER_SENT = (
    PrivateAddressError,
    aiohttp.ClientConnectorError,
    aiohttp.ClientSSLError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
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
