"""Wakes the workers after a commit, so that what was written is worked on at once and not at the next tick.

Only latency depends on this: PostgreSQL owns all schedules, and the workers look by themselves every second.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from arq.connections import ArqRedis
from redis.exceptions import RedisError

# The names of the workers' tasks, by which arq finds them; a test compares them with workers/schedule.py.
WOKEN_TASKS = ("run_operations", "remind", "send", "post_webhooks")
_PAUSE_SECONDS = 0.02

logger = structlog.get_logger("dunwell.api")


class Wakeups:
    """Signals the workers at most once in 20 ms, in the background; an unreachable Redis is logged and otherwise ignored."""

    def __init__(self, redis_url: str) -> None:
        self._redis = ArqRedis.from_url(redis_url)
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to listen for signals."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stops listening and closes the connection."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._redis.aclose()

    def signal(self, _owner_id: str) -> None:
        """There is something to do; returns at once."""
        self._wanted.set()

    async def ping(self) -> None:
        """Raises if Redis does not answer."""
        await self._redis.ping()

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                for task in WOKEN_TASKS:
                    # No fixed job id: arq would refuse the id as long as it keeps a result or a dead worker's mark of it.
                    await self._redis.enqueue_job(task, _expires=10)
            except (RedisError, OSError) as unreachable:
                logger.warning("workers not woken", error=str(unreachable))
            await asyncio.sleep(_PAUSE_SECONDS)
