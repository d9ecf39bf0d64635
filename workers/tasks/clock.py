"""Moves a sandbox's test clock: from one instant at which something falls due to the next, doing the work of each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from domain.access.clock import set_test_clock
from domain.access.profile import engine_context
from domain.collections.holds import expire_holds
from domain.dunning.engine import run_due_cases
from domain.dunning.horizon import Horizon, is_due, look
from domain.dunning.reactions import react
from domain.kernel.clock import monotonic_seconds
from domain.kernel.context import Context
from domain.ledger.overdue import announce_overdue
from domain.ledger.planned_dates import announce_missed_dates
from domain.messaging.channel_model import Channel
from domain.messaging.letters import make_letters
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
    progress, so a second worker continues where a dead one stopped. Until the end `result` says where the clock stands.
    """
    target, steps = datetime.fromisoformat(claimed.input["to"]), claimed.progress.processed
    lease = _Lease(ctx, claimed.id)
    await _tell(ctx, claimed, ctx.now(), target, steps)
    while True:
        ctx = await engine_context(ctx.tenant_id)
        horizon = await drain(ctx, channels, lease, accounts)
        if ctx.now() >= target:
            break
        upcoming = min(horizon.next_at or target, target)
        steps += 1
        async with transaction(ctx):
            await set_test_clock(ctx, upcoming)
            await _tell(ctx, claimed, upcoming, target, steps)
    async with transaction(ctx):
        await work.finish(ctx, claimed.id, result={"now": target, "to": target, "instants": steps})


async def _tell(ctx: Context, claimed: ClaimedOperation, now: datetime, target: datetime, steps: int) -> None:
    """Has the operation say where the clock stands, in the open transaction or in one of its own."""
    told = {"now": now, "to": target, "instants": steps}
    async with transaction(ctx):
        await work.advance(ctx, claimed.id, replace(claimed.progress, processed=steps), steps, result=told)


async def drain(
    ctx: Context, channels: Mapping[str, Channel], lease: _Lease | None = None, accounts: Accounts | None = None
) -> Horizon:
    """Does everything that is due at the clock's instant, and waits for what other workers have in hand; what is still to come."""
    while not (horizon := await look(ctx)).is_idle(ctx.now()):
        done = await _decide(ctx, horizon) + await _send(ctx, horizon, channels, accounts)
        if lease is not None:
            await lease.keep()
        if done == 0 and not horizon.events:
            await engine_context(ctx.tenant_id)  # raises if the tenant was suspended: what is due then stays so
            await asyncio.sleep(_OTHERS_PAUSE_SECONDS)
    return horizon


async def _decide(ctx: Context, horizon: Horizon) -> int:
    """Reacts, announces and decides, as far as there is anything of that kind; how much."""
    now, done = ctx.now(), 0
    if horizon.events:
        done += await react(ctx)
    if is_due(horizon.overdue_at, now):
        done += await announce_overdue(ctx)
    if is_due(horizon.cases_at, now):
        done += await run_due_cases(ctx)
    if is_due(horizon.planned_at, now):
        done += await announce_missed_dates(ctx)
    if is_due(horizon.holds_at, now):
        done += await expire_holds(ctx)
    return done


async def _send(ctx: Context, horizon: Horizon, channels: Mapping[str, Channel], accounts: Accounts | None) -> int:
    """Makes letters and sends what is due, as far as there is anything of that kind; how much."""
    done = 0
    if horizon.letters:
        done += await make_letters(ctx)
    if is_due(horizon.notices_at, ctx.now()):
        done += await send_due_notices(ctx, channels=channels, accounts=accounts)
    if horizon.sends:
        done += await settle_expired_sends(ctx)
    return done
