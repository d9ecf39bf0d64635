"""From the event log to webhook deliveries: one for each event and each endpoint that wants it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.events.rules.subscription import wants
from domain.kernel.clock import Clock, SystemClock
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.storage.bulk import insert_rows
from domain.storage.doors import tenants_through
from domain.storage.transaction import sql, transaction

_MOST_TENANTS = 500
_DELIVERY = {
    "tenant_id": "text",
    "id": "text",
    "endpoint_id": "text",
    "event_sequence": "bigint",
    "event_id": "text",
    "event_type": "text",
    "state": "text",
    "attempt_count": "integer",
    "next_attempt_at": "timestamptz",
    "created_at": "timestamptz",
}


async def fan_out(ctx: Context, limit: int = 1000, *, clock: Clock | None = None) -> int:
    """Makes the deliveries of the next events, at most `limit`; the number of events looked at, 0 when none are left.

    Repeating it, or two workers doing it at once, makes no delivery twice. Deliveries are timed by the real clock, also
    for a tenant on a test clock: receivers live in real time.
    """
    async with transaction(ctx) as tx:
        stream = await tx.fetchrow(
            "select fanned_out_sequence, last_sequence from event_streams where tenant_id = $1", ctx.tenant_id
        )
        if stream is None or stream["fanned_out_sequence"] >= stream["last_sequence"]:
            return 0
        start, end = stream["fanned_out_sequence"], stream["last_sequence"]
        # Read after the counter: an endpoint that was created before any of these events is visible by now.
        if endpoints := await _listeners(ctx):
            end = min(end, start + limit)
            await _insert(ctx, endpoints, start, end, (clock or SystemClock()).now())
        # The counter row last, for whoever writes events waits for it.
        await tx.execute(
            "update event_streams set fanned_out_sequence = greatest(fanned_out_sequence, $2) where tenant_id = $1",
            ctx.tenant_id,
            end,
        )
    return int(end - start)


async def tenants_to_fan_out() -> list[str]:
    """Tenants with events that were not looked at yet."""
    return await tenants_through("door_tenants_to_fan_out", _MOST_TENANTS)


async def _listeners(ctx: Context) -> list[Any]:
    """Enabled endpoints, locked against being switched off before their new deliveries can be cancelled with it."""
    return await sql(ctx).fetch(
        "select id, event_types, since_sequence from webhook_endpoints where tenant_id = $1 and state = 'enabled'"
        " order by id for share",
        ctx.tenant_id,
    )


async def _insert(ctx: Context, endpoints: list[Any], start: int, end: int, now: datetime) -> None:
    tx = sql(ctx)
    events = await tx.fetch(
        "select sequence, id, type from events where tenant_id = $1 and sequence > $2 and sequence <= $3"
        " order by sequence",
        ctx.tenant_id,
        start,
        end,
    )
    rows = [
        (
            ctx.tenant_id,
            new_id("whd"),
            endpoint["id"],
            event["sequence"],
            event["id"],
            event["type"],
            "pending",
            0,
            now,
            now,
        )
        for event in events
        for endpoint in endpoints
        if event["sequence"] > endpoint["since_sequence"] and wants(endpoint["event_types"], event["type"])
    ]
    await insert_rows(
        tx, "webhook_deliveries", _DELIVERY, rows, "on conflict (tenant_id, event_sequence, endpoint_id) do nothing"
    )
