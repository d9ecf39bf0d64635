"""An httpx transport to URLs that users gave: it reaches the public internet and nothing else, and reads only so much.

Names are resolved here, addresses that are not public are dropped, and the connection goes to the very address that was checked.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpcore
import httpx

from domain.events.address_policy import private_addresses_allowed
from domain.events.rules.addresses import is_public

LARGEST_ANSWER = 256 * 1024
TIMEOUT = httpx.Timeout(5.0)


class _PublicNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore asks for it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """To the first public address of `host`; TLS still checks the certificate against the name."""
        try:
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError) as failed:
            raise httpcore.ConnectError(f"{host} was not found") from failed
        addresses = [str(info[4][0]) for info in found]
        allowed = [a for a in addresses if private_addresses_allowed() or is_public(a)]
        if not allowed:
            raise httpcore.ConnectError(f"{host} has no public address")
        return await self._inner.connect_tcp(allowed[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise httpcore.ConnectError("no unix sockets")


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > LARGEST_ANSWER:
                raise httpx.ReadError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class PublicTransport(httpx.AsyncHTTPTransport):
    """Give it to an httpx client together with `trust_env=False` and `follow_redirects=False`."""

    def __init__(self) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=_PublicNetwork(), keepalive_expiry=0
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Asks for an uncompressed answer, so that its size is what arrives."""
        request.headers["accept-encoding"] = "identity"
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx.ReadError("the answer is compressed")
        assert isinstance(response.stream, httpx.AsyncByteStream)
        return httpx.Response(response.status_code, headers=response.headers, stream=_Bounded(response.stream))
