"""The connections of this process to Redis: one that only runs the check, short of patience, and a pool for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Connection, ConnectionPool, Redis
from redis.exceptions import NoScriptError, RedisError

from api.gate.script import CHECK, SHA

# A check that takes longer than this is not waited for: PostgreSQL answers it.
PATIENCE_SECONDS = 0.1
_CONNECT_SECONDS = 0.5
FAILURES = (RedisError, OSError, TimeoutError)


class Link:
    """One connection that runs the check script; whatever goes wrong with it, it is thrown away."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._connection: Connection = pool.make_connection()  # type: ignore[no-untyped-call]

    async def open(self) -> None:
        """Connects and makes the script known; raises one of FAILURES."""
        async with asyncio.timeout(_CONNECT_SECONDS):
            await self._connection.connect()  # type: ignore[no-untyped-call]
            await self._call("SCRIPT", "LOAD", CHECK)

    async def check(self, arguments: Sequence[str | int]) -> list[int]:
        """The script's reply; raises one of FAILURES."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                reply: list[int] = await self._call("EVALSHA", SHA, 0, *arguments)
            except NoScriptError:
                reply = await self._call("EVAL", CHECK, 0, *arguments)
        return reply

    async def close(self) -> None:
        """Hangs up, also in the middle of a reply."""
        await self._connection.disconnect(nowait=True)

    async def _call(self, *command: Any) -> Any:
        await self._connection.send_packed_command(self._connection.pack_command(*command))
        return await self._connection.read_response()


def client_of(redis_url: str) -> Redis:
    """For publishing and loading; gives up soon, since somebody waits."""
    client: Redis = Redis.from_url(
        redis_url, socket_timeout=_CONNECT_SECONDS, socket_connect_timeout=_CONNECT_SECONDS, max_connections=20
    )
    return client
