"""A PostgreSQL and a Redis of the trial's own, which may be crashed and emptied while others use them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import asyncpg
from redis import Redis
from redis.exceptions import RedisError

from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_redis import EmbeddedRedis

T = TypeVar("T")
# What a client sees of a server that is down, going down or coming up.
DOWN = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError)
_PAUSE = 0.05


class Servers:
    """Both servers; PostgreSQL keeps what it has committed through a crash."""

    def __init__(self, directory: Path) -> None:
        self._postgres = EmbeddedPostgres(directory=directory, durable=True)
        self._redis = EmbeddedRedis(directory)
        self.database_url = self._postgres.url
        self.redis_url = self._redis.url

    def start(self) -> None:
        """Start both."""
        self._postgres.start()
        self._redis.start()

    def stop(self) -> None:
        """Stop both."""
        self._redis.stop()
        self._postgres.stop()

    def crash_postgres(self) -> None:
        """All connections break off at once, without a word; the server recovers from its log and comes up again."""
        pid = int((self._postgres.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        self._postgres.start()

    def flush_redis(self) -> None:
        """Every wake-up, lock and mark in Redis is gone."""
        with suppress(RedisError), Redis(unix_socket_path=str(self._redis.socket)) as redis:
            redis.flushall()


async def until_it_answers(work: Callable[[], Awaitable[T]]) -> T:
    """What `work` answers, tried again as long as the server is down."""
    while True:
        try:
            return await work()
        except DOWN:
            await asyncio.sleep(_PAUSE)
