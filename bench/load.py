"""A small HTTP/1.1 load: connections that send the same request again as soon as its answer is complete.

Written on asyncio's protocols because a full client would cost more than the servers that are measured.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class _Connection(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self.request, self.done, self.failed, self.buffer = request, 0, 0, b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not separator or length is None or len(body) < int(length[1]):
            return
        self.buffer = b""
        self.done += 1
        self.failed += not head.startswith(b"HTTP/1.1 200")
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(self.request)


async def requests_per_second(
    port: int, path: str, headers: dict[str, str], *, seconds: float = 3.0, form: str | None = None
) -> float:
    """Answers per second over 32 connections, to GETs or to POSTs of `form`; raises if any answer is not 200."""
    body = form or ""
    if form is not None:
        length = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        headers = {**headers, **length}
    method = "GET" if form is None else "POST"
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_connection(lambda: _Connection(request), "127.0.0.1", port) for _ in range(32)]
    before, began = sum(connection.done for _, connection in pairs), time.perf_counter()
    await asyncio.sleep(seconds)
    done, took = sum(connection.done for _, connection in pairs) - before, time.perf_counter() - began
    for transport, _ in pairs:
        transport.close()
    if failed := sum(connection.failed for _, connection in pairs):
        raise RuntimeError(f"{failed} answers were not 200")
    return done / took


async def wait_until_open(port: int) -> None:
    """Returns when somebody listens on the port; raises TimeoutError if nobody does within 20 seconds."""
    async with asyncio.timeout(20):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            await asyncio.sleep(0.05)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
