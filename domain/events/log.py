"""The event log: everything that happened in a tenant, numbered without gaps in the order of commits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from domain.events.model import Event, NewEvent
from domain.events.sealed_pii import masked_and_sealed, with_addresses
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import Scope
from domain.kernel.usecase import use_case
from domain.storage.audit_chain import audited
from domain.storage.transaction import defer, reading, sql

# The counter and the events in one round trip: what others wait for is held that much shorter.
_APPEND = """
    with counter as (
      update event_streams set last_sequence = last_sequence + $3 where tenant_id = $1 returning last_sequence
    )
    insert into events (tenant_id, sequence, id, type, object_id, occurred_at, recorded_at, data, sealed_pii)
    select $1, last_sequence - $3 + n, id, type, object_id, occurred_at, $2, data::jsonb, sealed_pii
    from counter, unnest($4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::bytea[])
      with ordinality as given (id, type, object_id, occurred_at, data, sealed_pii, n)
"""


def emit(ctx: Context, *events: NewEvent) -> None:
    """Writes events with the open transaction: they exist exactly if it commits. Addresses in them are masked and sealed."""
    occurred_at = ctx.now()
    for event in events:
        audited(ctx, event.object_id)
    ids = [new_id("evt") for _ in events]
    rows = [
        (event_id, event.type, event.object_id, occurred_at, *masked_and_sealed(ctx, event_id, event.data))
        for event_id, event in zip(ids, events, strict=True)
    ]
    defer(ctx, _append, rows)


async def _append(ctx: Context, events: list[tuple[Any, ...]]) -> None:
    """Takes the tenant's counter row last and once, so that its lock is short and numbers appear in commit order."""
    if not events:
        return
    columns = map(list, zip(*events, strict=True))
    await sql(ctx).execute(_APPEND, ctx.tenant_id, SystemClock().now(), len(events), *columns)


@use_case("events:read")
async def list_events(
    ctx: Context, page: PageRequest, *, after: int = 0, type: str | None = None, object_id: str | None = None
) -> Page[Event]:
    """Events in their order, those with a number above `after`, so that a reader can follow without missing one."""
    start = max(after, page.number_after(digits=18))
    async with reading(ctx) as tx:
        rows = await tx.fetch(
            """
            select id, sequence, type, object_id, occurred_at, data, sealed_pii from events
            where tenant_id = $1 and sequence > $2
              and ($3::text is null or type = $3) and ($4::text is null or object_id = $4)
            order by sequence limit $5
            """,
            ctx.tenant_id,
            start,
            type,
            object_id,
            page.limit + 1,
        )
    return page_of(rows, page, lambda row: str(row["sequence"]), event_of(ctx))


@use_case("events:read")
async def get_event(ctx: Context, event_id: str) -> Event:
    """One event by its id."""
    async with reading(ctx) as tx:
        row = await tx.fetchrow(
            "select id, sequence, type, object_id, occurred_at, data, sealed_pii from events where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            event_id,
        )
    if row is None:
        raise NotFound.of("event", event_id)
    return event_of(ctx)(row)


def event_of(ctx: Context) -> Callable[[Any], Event]:
    """What makes an event of its row, with the addresses in it for a reader who may see them."""
    may_see = Scope.PII_READ in ctx.scopes

    def make(row: Any) -> Event:
        values = dict(row)
        sealed = values.pop("sealed_pii")
        if may_see and sealed is not None:
            values["data"] = with_addresses(ctx, row["id"], row["data"], sealed)
        else:
            values["data"] = msgspec.json.decode(row["data"])
        return Event(**values)

    return make
