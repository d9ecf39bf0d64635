"""A server that takes every request of any provider and then answers nonsense, slowly, twice or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

Trouble = Literal["garbage", "no_http", "deep", "endless", "drip", "silent", "hangs_up", "twice"]

_DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
# What is said again and again behind the headers, and after which pause.
_WITHOUT_END = {"endless": (b" " * 65_536, 0.0), "drip": (b" ", 0.05)}
_STRAY = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nstray"


@dataclass(slots=True)
class Unreliable:
    """`trouble` is what happens to requests that send; a token is always given. `good` is the provider's own answer."""

    trouble: Trouble
    good: dict[str, Any]
    asked: list[str] = field(default_factory=list)
    """First lines of the requests that were to send something."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        # The client hangs up on an answer that has no end, which is what it should do.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._request(reader, writer):
                await writer.drain()
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lengths = [line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
        await reader.readexactly(int(lengths[0]) if lengths else 0)
        first_line = head.partition("\r\n")[0]
        if "token HTTP" in first_line or "/gettoken?" in first_line:
            writer.write(_answer(json.dumps({"errcode": 0, "access_token": "t", "expires_in": 7200}).encode()))
            return True
        self.asked.append(first_line)
        return await self._misbehave(writer)

    async def _misbehave(self, writer: asyncio.StreamWriter) -> bool:
        whole = {
            "garbage": _answer(b"<html>Welcome to the captive portal</html>"),
            "no_http": b"\x00\xff\xfe these are no headers\r\n\r\n",
            "deep": _answer(_DEEP),
            "twice": _answer(json.dumps(self.good).encode()) + _STRAY,
        }
        if self.trouble in whole:
            writer.write(whole[self.trouble])
        elif self.trouble == "silent":
            await asyncio.Event().wait()
        elif self.trouble in _WITHOUT_END:
            await _go_on(writer, *_WITHOUT_END[self.trouble])
        return self.trouble != "hangs_up"


@asynccontextmanager
async def unreliable(trouble: Trouble, good: dict[str, Any]) -> AsyncIterator[tuple[str, Unreliable]]:
    """The address of a running server, and its notebook."""
    provider = Unreliable(trouble, good)
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        await provider.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", provider
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _go_on(writer: asyncio.StreamWriter, said: bytes, pause: float) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
    while True:
        writer.write(said)
        await writer.drain()
        await asyncio.sleep(pause)
