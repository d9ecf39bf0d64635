"""Moves a sandbox's test clock: from one instant at which something falls due to the next, doing the work of each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from domain.access.clock import set_test_clock
from domain.access.profile import engine_context
from domain.collections.holds import expire_holds
from domain.dunning.engine import run_due_cases
from domain.dunning.horizon import is_idle, next_instant
from domain.dunning.reactions import react
from domain.kernel.clock import monotonic_seconds
from domain.kernel.context import Context
from domain.ledger.overdue import announce_overdue
from domain.ledger.planned_dates import announce_missed_dates
from domain.messaging.channel_model import Channel
from domain.messaging.sending import send_due_notices, settle_expired_sends
from domain.messaging.ways import Accounts
from domain.operations import work
from domain.operations.model import ClaimedOperation
from domain.storage.transaction import transaction

_RENEW_SECONDS = work.LEASE.total_seconds() / 4
_OTHERS_PAUSE_SECONDS = 0.02


class _Lease:
    """Renews the operation's lease now and then while its work goes on."""

    def __init__(self, ctx: Context, operation_id: str) -> None:
        self._ctx, self._operation_id, self._renewed = ctx, operation_id, monotonic_seconds()

    async def keep(self) -> None:
        if monotonic_seconds() - self._renewed > _RENEW_SECONDS:
            await work.renew(self._ctx, self._operation_id)
            self._renewed = monotonic_seconds()


async def drive_clock(
    ctx: Context, claimed: ClaimedOperation, channels: Mapping[str, Channel], accounts: Accounts | None = None
) -> None:
    """Runs a `clock_advance`: ends with the clock at its target and nothing due left undone.

    Stepping, not jumping, is what makes ninety days of test clock equal to ninety days of waiting. The clock's own row is the
    progress, so a second worker continues where a dead one stopped.
    """
    target, steps = datetime.fromisoformat(claimed.input["to"]), claimed.progress.processed
    lease = _Lease(ctx, claimed.id)
    while True:
        ctx = await engine_context(ctx.tenant_id)
        await drain(ctx, channels, lease, accounts)
        if ctx.now() >= target:
            break
        upcoming = await next_instant(ctx)
        steps += 1
        async with transaction(ctx):
            await set_test_clock(ctx, min(upcoming or target, target))
            await work.advance(ctx, claimed.id, type(claimed.progress)(processed=steps), steps)
    async with transaction(ctx):
        await work.finish(ctx, claimed.id, result={"now": target, "instants": steps})


async def drain(
    ctx: Context, channels: Mapping[str, Channel], lease: _Lease | None = None, accounts: Accounts | None = None
) -> None:
    """Does everything that is due at the clock's instant, and waits for what other workers have in hand."""
    while True:
        done = await react(ctx) + await announce_overdue(ctx) + await run_due_cases(ctx)
        done += await announce_missed_dates(ctx) + await expire_holds(ctx)
        done += await send_due_notices(ctx, channels=channels, accounts=accounts) + await settle_expired_sends(ctx)
        if lease is not None:
            await lease.keep()
        if done == 0:
            if await is_idle(ctx):
                return
            await engine_context(ctx.tenant_id)  # raises if the tenant was suspended: what is due then stays so
            await asyncio.sleep(_OTHERS_PAUSE_SECONDS)
