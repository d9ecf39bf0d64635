"""The operations' task: takes up long work that waits, or that a dead worker left behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from domain.access.profile import engine_context
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.ledger.importing import run_import
from domain.operations import work
from domain.operations.model import ClaimedOperation
from workers.tasks.clock import drive_clock

logger = structlog.get_logger("dunwell.workers")


async def run_operations(worker: dict[str, Any]) -> int:
    """Runs operations until none is waiting."""
    runners: dict[str, Callable[[Context, ClaimedOperation], Awaitable[None]]] = {
        "import": run_import,
        "clock_advance": lambda ctx, claimed: drive_clock(ctx, claimed, worker["channels"]),
    }
    handled = 0
    while waiting := await work.unfinished(SystemClock().now()):
        claims = 0
        for tenant_id, operation_id in waiting:
            ctx = await engine_context(tenant_id)
            claimed = await work.claim(ctx, operation_id)
            if claimed is not None:
                claims += 1
                with structlog.contextvars.bound_contextvars(tenant_id=tenant_id, operation_id=operation_id):
                    logger.info("operation taken up", kind=claimed.kind, position=claimed.position)
                    await runners[claimed.kind](ctx, claimed)
        handled += claims
        if claims == 0:
            break
    return handled
