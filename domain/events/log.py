"""The event log: everything that happened in a tenant, numbered without gaps in the order of commits."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from domain.events.model import Event, NewEvent
from domain.events.sealed_pii import masked_and_sealed, with_addresses
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.ids import new_ids
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import Scope
from domain.kernel.usecase import use_case
from domain.storage.audit_chain import audited
from domain.storage.bulk import Shape, given_rows, rows_from
from domain.storage.transaction import defer, reading, sql

_COLUMNS = {
    "id": "text",
    "type": "text",
    "object_id": "text",
    "occurred_at": "timestamptz",
    "data": "text",
    "sealed_pii": "bytea",
}


def emit(ctx: Context, *events: NewEvent) -> None:
    """Writes events with the open transaction: they exist exactly if it commits. Addresses in them are masked and sealed."""
    occurred_at = ctx.now()
    for event in events:
        audited(ctx, event.object_id)
    ids = new_ids("evt", len(events))
    rows = [
        (event_id, event.type, event.object_id, occurred_at, *masked_and_sealed(ctx, event_id, event.data))
        for event_id, event in zip(ids, events, strict=True)
    ]
    defer(ctx, _append, rows)


async def _append(ctx: Context, events: list[tuple[Any, ...]]) -> None:
    """Takes the tenant's counter row last and once, so that its lock is short and numbers appear in commit order."""
    if events:
        given = given_rows(_COLUMNS, events)
        now = SystemClock().now()
        await sql(ctx).execute(_appending(given.shape), ctx.tenant_id, now, len(events), *given.arguments)


@cache
def _appending(shape: Shape) -> str:
    """The counter and the events in one round trip: what others wait for is held that much shorter."""
    values, given = rows_from(shape, first=4, numbered_as="n")
    return f"""
        with counter as (
          update event_streams set last_sequence = last_sequence + $3 where tenant_id = $1 returning last_sequence
        )
        insert into events (tenant_id, sequence, recorded_at, {", ".join(_COLUMNS)})
        select $1, last_sequence - $3 + n, $2, {", ".join(values[name] for name in _COLUMNS)}
        from counter, {given}
    """


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
