"""The operations' task: takes up long work that waits, or that a dead worker left behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

from domain.access.profile import engine_context
from domain.banking.accepting import run_accepting
from domain.banking.reading import run_reading
from domain.dunning.migrations import run_migration
from domain.importing.running import run_import
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import Unauthenticated
from domain.messaging.trial_messages import run_test_message
from domain.operations import work
from domain.operations.model import ClaimedOperation, OperationFailure
from domain.storage.transaction import transaction
from workers.tasks.clock import drive_clock

logger = structlog.get_logger("dunwell.workers")

Runner = Callable[[Context, ClaimedOperation], Awaitable[None]]
# Trouble with the database passes; the operation is taken up again when its lease has run out.
_PASSING = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def run_operations(worker: dict[str, Any]) -> int:
    """Runs operations until none is waiting."""
    runners: dict[str, Runner] = {
        "import": run_import,
        "bank_statement": run_reading,
        "bank_acceptance": run_accepting,
        "case_migration": run_migration,
        "clock_advance": lambda ctx, claimed: drive_clock(ctx, claimed, worker["channels"], worker.get("accounts")),
        "channel_test": lambda ctx, claimed: run_test_message(ctx, claimed, worker["accounts"]),
    }
    handled = 0
    while waiting := await work.unfinished(SystemClock().now()):
        claims = 0
        for tenant_id, operation_id in waiting:
            try:
                ctx = await engine_context(tenant_id)
            except Unauthenticated:
                continue  # suspended since it was found: the operation waits
            claimed = await work.claim(ctx, operation_id)
            if claimed is not None:
                claims += 1
                with structlog.contextvars.bound_contextvars(tenant_id=tenant_id, operation_id=operation_id):
                    logger.info("operation taken up", kind=claimed.kind, position=claimed.position)
                    await _run(runners[claimed.kind], ctx, claimed)
        handled += claims
        if claims == 0:
            break
    return handled


async def _run(runner: Runner, ctx: Context, claimed: ClaimedOperation) -> None:
    """Runs an operation; a defect of ours ends it as failed, since trying again would only meet the same defect."""
    try:
        await runner(ctx, claimed)
    except _PASSING:
        raise
    except Unauthenticated:
        logger.info("operation waits: the tenant is not active")
    except Exception as defect:
        logger.error("operation failed", exc_info=defect)
        failure = OperationFailure(code="internal_error", detail="Something went wrong on our side; it was logged.")
        async with transaction(ctx):
            await work.finish(ctx, claimed.id, result={}, failure=failure)
