"""A pass: one task of this process, over all tenants that have something due, until nothing is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Counter, Histogram

from domain.access.profile import engine_context
from domain.kernel.clock import monotonic_seconds
from domain.kernel.context import Context
from domain.kernel.errors import Unauthenticated

HANDLED = Counter("dunwell_handled_total", "Things that a task of the workers has handled.", ["task"])
SECONDS = Histogram("dunwell_pass_seconds", "Duration of one pass of a task.", ["task"])

logger = structlog.get_logger("dunwell.workers")

Find = Callable[[], Awaitable[list[str]]]
Work = Callable[[Context], Awaitable[int]]


async def until_idle(find: Find, work: Work) -> int:
    """Works on every tenant that `find` names until none has anything left that this process may take."""
    total = 0
    while tenant_ids := await find():
        done = 0
        for tenant_id in tenant_ids:
            try:
                ctx = await engine_context(tenant_id)
            except Unauthenticated:
                continue  # suspended or closed: what is due waits
            with structlog.contextvars.bound_contextvars(tenant_id=tenant_id):
                done += await work(ctx)
        total += done
        if done == 0:
            break
    return total


class Pass:
    """Runs a task at most once at a time in this process; a call while it runs makes it run once more."""

    def __init__(self, name: str, run: Callable[[], Awaitable[int]]) -> None:
        self._name = name
        self._run = run
        self._running = False
        self._again = False

    async def __call__(self) -> int:
        """How many things were handled."""
        if self._running:
            self._again = True
            return 0
        self._running, handled, began = True, 0, monotonic_seconds()
        try:
            while True:
                self._again = False
                handled += await self._run()
                if not self._again:
                    return handled
        finally:
            self._running = False
            HANDLED.labels(self._name).inc(handled)
            SECONDS.labels(self._name).observe(monotonic_seconds() - began)
            if handled:
                logger.info("pass", task=self._name, handled=handled)
