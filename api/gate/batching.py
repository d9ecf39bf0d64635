"""Questions that arrive while the one before is under way are asked together: batches form by themselves, nobody waits for one."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Batcher(Generic[Q, A]):
    """Asks `run` for the answers to several questions at once, one call at a time."""

    def __init__(self, run: Callable[[list[Q]], Awaitable[Sequence[A]]], most: int = 256) -> None:
        self._run, self._most = run, most
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    def ask(self, question: Q) -> asyncio.Future[A]:
        """The answer to come. Who gives up waiting takes nothing from the others of the batch."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[A] = loop.create_future()
        self._waiting.append((question, future))
        if self._task is None:
            # A context of its own: the batch belongs to no request, least of all to a transaction that one has open.
            self._task = loop.create_task(self._drain(), context=contextvars.Context())
        return future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._settle(batch)
        finally:
            self._task = None

    async def _settle(self, batch: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._run([question for question, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except Exception as failed:
            for _, future in batch:
                if not future.done():
                    future.set_exception(failed)
        finally:
            for _, future in batch:
                if not future.done():
                    future.cancel()
