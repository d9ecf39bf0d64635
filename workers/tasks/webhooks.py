"""The webhooks' task: events to deliveries, deliveries to their receivers."""

from __future__ import annotations

from functools import partial
from typing import Any

from domain.events.delivering import deliver_due, tenants_with_due_deliveries
from domain.events.fan_out import fan_out, tenants_to_fan_out
from domain.kernel.clock import SystemClock
from workers.http import GuardedHttp
from workers.tasks.passes import Pass, until_idle


async def post_webhooks(worker: dict[str, Any]) -> int:
    """Posts what happened to whom it concerns."""
    handled: int = await worker["post_webhooks"]()
    return handled


def posting(http: GuardedHttp) -> Pass:
    """The pass behind `post_webhooks`."""

    async def run() -> int:
        handled = await until_idle(tenants_to_fan_out, fan_out)
        return handled + await until_idle(
            lambda: tenants_with_due_deliveries(SystemClock().now()), partial(deliver_due, post=http.post)
        )

    return Pass("post_webhooks", run)
