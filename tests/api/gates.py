"""A Redis of a test's own, and gates on it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from api.gate.gate import Gate
from cli.embedded_redis import EmbeddedRedis
from domain.kernel.clock import Clock
from domain.storage.transaction import _waited_for as registered
from domain.storage.transaction import finish_after_commit, no_longer_finish


@contextmanager
def own_redis() -> Iterator[EmbeddedRedis]:
    """A server that the test may stop, start and flush."""
    with tempfile.TemporaryDirectory(prefix="dwg-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@asynccontextmanager
async def open_gate(url: str, clock: Clock | None = None) -> AsyncIterator[Gate]:
    """A gate that publishes what this process revokes."""
    gate = Gate(url, clock)
    await gate.start()
    finish_after_commit(gate.publish)
    try:
        yield gate
    finally:
        no_longer_finish(gate.publish)
        await gate.stop()


@contextmanager
def no_other_publisher() -> Iterator[None]:
    """An application that another test has open in this process would publish to its own Redis and say that it was done."""
    others = list(registered)
    registered.clear()
    try:
        yield
    finally:
        registered[:] = others


async def trusting(gate: Gate) -> None:
    """Returns when the gate trusts Redis again."""
    async with asyncio.timeout(10):
        while not gate.trusts_redis:
            await asyncio.sleep(0.01)
