"""A tenant's time: the system's, or a sandbox's test clock that its owner moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.access.model import Clock
from domain.kernel.clock import FixedClock
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.usecase import use_case
from domain.operations import work as operations
from domain.operations.model import Operation
from domain.storage.transaction import sql, transaction


@use_case("clock:read")
async def get_clock(ctx: Context) -> Clock:
    """What time it is for this tenant."""
    return Clock(kind=ctx.clock_kind, now=ctx.now())


@use_case("clock:write")
async def advance_clock(ctx: Context, *, to: datetime) -> Operation:
    """Moves a sandbox's test clock forwards; the operation ends when everything due until then is done."""
    if not ctx.on_test_clock:
        raise Conflict("no_test_clock", "This tenant runs on the system clock.")
    if to.year > 2100:
        raise InvalidInput.at("/to", "instant_out_of_range", "A test clock stands between 2000 and 2100.")
    async with transaction(ctx) as tx:
        row = await tx.fetchrow("select clock_at, status from tenants where id = $1 for update", ctx.tenant_id)
        if row is None or row["status"] != "active":
            raise Conflict("tenant_not_active", "The tenant is suspended or closed; its clock stands still.")
        stands_at = row["clock_at"]
        if to < stands_at:
            raise InvalidInput.at("/to", "clock_goes_forwards", f"The test clock already stands at {stands_at:%FT%TZ}.")
        if await tx.fetchval(
            "select exists (select 1 from operations where tenant_id = $1 and kind = 'clock_advance'"
            " and state in ('pending', 'running'))",
            ctx.tenant_id,
        ):
            raise Conflict("clock_is_moving", "The test clock is being moved; wait for that operation to end.")
        return await operations.add(ctx, "clock_advance", {"to": to})


async def set_test_clock(ctx: Context, instant: datetime) -> Context:
    """Puts the test clock at `instant`, never backwards, in the open transaction; the context there."""
    await sql(ctx).execute(
        "update tenants set clock_at = greatest(clock_at, $2) where id = $1 and clock_kind = 'test'",
        ctx.tenant_id,
        instant,
    )
    return replace(ctx, clock=FixedClock(instant))
