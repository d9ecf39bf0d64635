"""The webhooks' task: events to deliveries, deliveries to their receivers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import structlog

from domain.access.profile import engine_context
from domain.events.delivering import deliver_due, tenants_with_due_deliveries
from domain.events.fan_out import fan_out, tenants_to_fan_out
from domain.events.webhook_model import Poster
from domain.kernel.clock import SystemClock
from domain.kernel.errors import Unauthenticated
from workers.tasks.passes import HANDLED, until_idle

logger = structlog.get_logger("dunwell.workers")
# Tenants served at once by this process; each has its own bound on requests.
_TENANTS = 32


async def post_webhooks(worker: dict[str, Any]) -> int:
    """Posts what happened to whom it concerns."""
    handled: int = await worker["post_webhooks"]()
    return handled


class Posting:
    """Serves each tenant in a task of its own, so that one tenant's slow receivers delay nobody else's webhooks.

    A call waits a moment for what it started; what is slower goes on without it and is not started twice.
    """

    def __init__(self, post: Poster, patience: float = 1.0) -> None:
        self._post = post
        self._patience = patience
        self._serving: dict[str, asyncio.Task[int]] = {}

    async def __call__(self) -> int:
        """How many events were fanned out and attempts made that ended within this call."""
        handled = await until_idle(tenants_to_fan_out, fan_out)
        due = await tenants_with_due_deliveries(SystemClock().now())
        for tenant_id in [t for t in due if t not in self._serving][: _TENANTS - len(self._serving)]:
            task = asyncio.create_task(self._serve(tenant_id))
            self._serving[tenant_id] = task
            task.add_done_callback(partial(self._ended, tenant_id))
        HANDLED.labels("fan_out").inc(handled)
        if self._serving:
            done, _ = await asyncio.wait(set(self._serving.values()), timeout=self._patience)
            handled += sum(task.result() for task in done if not task.cancelled() and task.exception() is None)
        return handled

    async def stop(self) -> None:
        """Gives up what is under way; its leases run out and it is tried again."""
        serving = list(self._serving.values())
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def _serve(self, tenant_id: str) -> int:
        try:
            ctx = await engine_context(tenant_id)
        except Unauthenticated:
            return 0  # suspended or closed: what is due waits
        made = 0
        with structlog.contextvars.bound_contextvars(tenant_id=tenant_id):
            while handled := await deliver_due(ctx, self._post):
                made += handled
                HANDLED.labels("post_webhooks").inc(handled)
        return made

    def _ended(self, tenant_id: str, task: asyncio.Task[int]) -> None:
        del self._serving[tenant_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("webhooks of a tenant failed", tenant_id=tenant_id, exc_info=error)
