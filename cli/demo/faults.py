"""Deliberate faults for the test of the demo: the worker is killed and Redis forgets everything, at random moments."""

from __future__ import annotations

import asyncio
import random
from datetime import date

from redis.asyncio import Redis

from cli.processes import ManagedProcess

LATEST_SECONDS = 0.25


class Faults:
    """On each of `count` random days the worker dies, on as many Redis is flushed, some time into the day's work."""

    def __init__(self, days: list[date], count: int, seed: int, *, worker: ManagedProcess, redis_url: str) -> None:
        chance = random.Random(seed)  # noqa: S311
        self.kill_count = 0
        self.flush_count = 0
        self._kills = set(chance.sample(days, min(count, len(days))))
        self._flushes = set(chance.sample(days, min(count, len(days))))
        self._chance = chance
        self._worker = worker
        self._redis = Redis.from_url(redis_url)
        self._tasks: list[asyncio.Task[None]] = []

    def disturb(self, day: date) -> None:
        """Called when a day begins to be worked on; returns at once."""
        if day in self._kills:
            self._tasks.append(asyncio.create_task(self._kill()))
        if day in self._flushes:
            self._tasks.append(asyncio.create_task(self._flush()))

    async def close(self) -> None:
        """Waits for the last fault."""
        await asyncio.gather(*self._tasks)
        await self._redis.aclose()

    async def _kill(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, LATEST_SECONDS))
        self._worker.kill()
        self.kill_count += 1

    async def _flush(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, LATEST_SECONDS))
        await self._redis.flushall()
        self.flush_count += 1
