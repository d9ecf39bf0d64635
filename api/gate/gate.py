"""The gate: lets a request pass if its token was not revoked and its limits are not used up.

PostgreSQL owns revocations; Redis holds a copy that every request can afford to ask. This process trusts Redis only on a
connection over which it has loaded everything that is live, and as long as the marker of that is there. A restart, a
failover or a FLUSHALL therefore ends the trust, and until it is won back PostgreSQL is asked and nothing is limited.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Awaitable, Sequence
from typing import Any, cast

import structlog
from prometheus_client import Counter, Gauge

from api.gate.batching import Batcher
from api.gate.link import FAILURES, Link, client_of
from api.gate.script import WINDOW_SECONDS, Answer, Question, answers_of, arguments_of
from domain.access.publishing import is_revoked, load_live, publish_pending
from domain.kernel.clock import Clock, SystemClock, monotonic_seconds

logger = structlog.get_logger("dunwell.api")
FALLBACKS = Counter("dunwell_gate_fallbacks", "Requests whose token was looked up in PostgreSQL, Redis being away.")
TRUSTING = Gauge("dunwell_gate_redis", "1 while this process asks Redis about tokens and limits, 0 while it cannot.")
_PAUSE_SECONDS = 1.0
_LOG_EVERY_SECONDS = 60.0


class Gate:
    """Answers questions about requests, from Redis in batches or else from PostgreSQL."""

    def __init__(self, redis_url: str, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self._redis = client_of(redis_url)
        self._batcher: Batcher[Question, Answer] = Batcher(self._answer)
        self._link: Link | None = None
        self._mending: asyncio.Task[None] | None = None
        self._logged = float("-inf")

    async def start(self) -> None:
        """Begins to trust Redis, if it answers; the gate works either way."""
        if not await self._mend():
            self._begin_mending()

    async def stop(self) -> None:
        """Closes the connections."""
        if self._mending is not None:
            self._mending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._mending
        await self._distrust()
        await self._redis.aclose()

    def ask(self, question: Question) -> asyncio.Future[Answer]:
        """The answer to come."""
        return self._batcher.ask(question)

    async def publish(self) -> None:
        """Brings new revocations to Redis, for after a commit; what fails is tried again by this process and by the workers."""
        try:
            await publish_pending(self._evaluate)
        except FAILURES as lost:
            await self._lose(lost)

    @property
    def trusts_redis(self) -> bool:
        """Whether the next request will be asked of Redis."""
        return self._link is not None

    async def _answer(self, questions: list[Question]) -> Sequence[Answer]:
        if self._link is not None:
            window = int(self.clock.now().timestamp()) // WINDOW_SECONDS
            arguments, times = arguments_of(questions, window)
            try:
                reply = await self._link.check(arguments)
            except FAILURES as lost:
                await self._lose(lost)
            else:
                if reply[0]:
                    return answers_of(questions, times, reply)
                await self._lose("Redis lost its data")
        self._begin_mending()
        return await self._from_postgresql(questions)

    async def _from_postgresql(self, questions: list[Question]) -> list[Answer]:
        FALLBACKS.inc(len(questions))
        distinct = {(question.jti, question.subjects) for question in questions if question.subjects}
        found = {(jti, subjects): await is_revoked(jti, subjects) for jti, subjects in distinct}
        return [Answer(found.get((question.jti, question.subjects), False), ()) for question in questions]

    async def _lose(self, why: object) -> None:
        await self._distrust()
        self._begin_mending()
        if monotonic_seconds() - self._logged > _LOG_EVERY_SECONDS:
            self._logged = monotonic_seconds()
            logger.warning("tokens are looked up in PostgreSQL and nothing is limited", why=str(why))

    async def _distrust(self) -> None:
        link, self._link = self._link, None
        TRUSTING.set(0)
        if link is not None:
            with contextlib.suppress(*FAILURES):
                await link.close()

    def _begin_mending(self) -> None:
        if self._mending is None:
            self._mending = asyncio.get_running_loop().create_task(self._keep_mending(), context=contextvars.Context())

    async def _keep_mending(self) -> None:
        try:
            while True:
                if await self._mend():
                    return
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            self._mending = None

    async def _mend(self) -> bool:
        """Connects, and only then loads what is live; True if Redis can be trusted from now on."""
        link = Link(self._redis.connection_pool)
        try:
            await link.open()
            loaded = await load_live(self._evaluate)
            await publish_pending(self._evaluate)
        except Exception as failed:  # also PostgreSQL may be away: the next attempt is a second off
            logger.debug("redis is not trusted yet", error=str(failed))
            loaded = False
        if not loaded:
            with contextlib.suppress(*FAILURES):
                await link.close()
            return False
        self._link = link
        TRUSTING.set(1)
        return True

    async def _evaluate(self, script: str, arguments: Sequence[str]) -> Any:
        return await cast(Awaitable[Any], self._redis.eval(script, 0, *arguments))
