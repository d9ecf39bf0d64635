"""Holds in PostgreSQL, always bound to the context's tenant, and until when they keep what they are on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from domain.collections.hold_model import WITHOUT_END, Hold
from domain.collections.tables import HoldRow
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from domain.storage.bulk import update_rows
from domain.storage.transaction import sql

_HOLD = ", ".join(field.name for field in fields(Hold))
_KEYS = {"tenant_id": "text", "id": "text"}
_CHANGING = {
    "note": "text",
    "until_on": "date",
    "ends_at": "timestamptz",
    "state": "text",
    "released_by": "text",
    "ended_at": "timestamptz",
    "version": "integer",
    "updated_at": "timestamptz",
}
_KEEP = """
  update {table} t set held_until = (
    select max(coalesce(h.ends_at, $3)) from holds h
    where h.tenant_id = $1 and h.state = 'active' and {whose})
  where t.tenant_id = $1 and t.id = any($2)
"""
_KEEP_RECEIVABLES = _KEEP.format(table="receivables", whose="h.receivable_id = t.id")
_KEEP_CUSTOMERS = _KEEP.format(table="customers", whose="h.customer_id = t.id and h.receivable_id is null")


@dataclass(frozen=True, slots=True)
class Target:
    """What a hold is put on, locked, and where its customer lives."""

    customer_id: str
    receivable_id: str | None
    time_zone: str


async def lock_target(ctx: Context, customer_id: str | None, receivable_id: str | None) -> Target:
    """Locks the receivable, or else the customer: a notice of it that is being sent is sent first. Raises NotFound."""
    if receivable_id is not None:
        row = await sql(ctx).fetchrow(
            "select r.customer_id, coalesce(c.time_zone, $3) as time_zone from receivables r"
            " join customers c on c.tenant_id = r.tenant_id and c.id = r.customer_id"
            " where r.tenant_id = $1 and r.id = $2 for no key update of r",
            ctx.tenant_id,
            receivable_id,
            ctx.time_zone,
        )
    else:
        row = await sql(ctx).fetchrow(
            "select id as customer_id, coalesce(time_zone, $3) as time_zone from customers"
            " where tenant_id = $1 and id = $2 for no key update",
            ctx.tenant_id,
            customer_id,
            ctx.time_zone,
        )
    if row is None:
        raise NotFound.of("receivable" if receivable_id else "customer", str(receivable_id or customer_id))
    return Target(row["customer_id"], receivable_id, row["time_zone"])


async def add(ctx: Context, hold: Hold) -> None:
    """Stores a new hold, on what is locked, and keeps that from being reminded of."""
    values = {field.name: getattr(hold, field.name) for field in fields(hold)}
    await HoldRow.insert(HoldRow(tenant_id=ctx.tenant_id, test_clock=ctx.on_test_clock, **values))
    await _keep(ctx, [hold])


async def save(ctx: Context, holds: Sequence[Hold]) -> None:
    """Stores what can change of holds, on what is locked, and until when that is kept."""
    rows = [(ctx.tenant_id, hold.id, *(getattr(hold, name) for name in _CHANGING)) for hold in holds]
    await update_rows(sql(ctx), "holds", _KEYS, _CHANGING, rows)
    await _keep(ctx, holds)


async def get(ctx: Context, hold_id: str) -> Hold:
    """One hold; raises NotFound."""
    row = await sql(ctx).fetchrow(f"select {_HOLD} from holds where tenant_id = $1 and id = $2", ctx.tenant_id, hold_id)
    if row is None:
        raise NotFound.of("hold", hold_id)
    return hold_of(row)


async def page(ctx: Context, request: PageRequest, filters: dict[str, str | None]) -> list[Any]:
    """Rows of a page in the order of placing, one more than asked for."""
    wanted = {column: value for column, value in filters.items() if value is not None}
    where = "".join(f" and {column} = ${number}" for number, column in enumerate(wanted, 4))
    return await sql(ctx).fetch(
        f"select {_HOLD} from holds where tenant_id = $1 and ($2::text is null or id > $2){where} order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
        *wanted.values(),
    )


async def ending(ctx: Context, limit: int) -> list[Hold]:
    """Active holds whose last day is over, the earliest first; what they are on is locked, in the order in which others lock it."""
    due = "select {what} from holds where tenant_id = $1 and state = 'active' and ends_at <= $2"
    tx, now = sql(ctx), ctx.now()
    targets = await tx.fetch(
        due.format(what="id, customer_id, receivable_id") + " order by ends_at limit $3", ctx.tenant_id, now, limit
    )
    receivables = sorted({row["receivable_id"] for row in targets if row["receivable_id"]})
    customers = sorted({row["customer_id"] for row in targets if not row["receivable_id"]})
    for table, ids in (("receivables", receivables), ("customers", customers)):
        await tx.execute(
            f"select 1 from {table} where tenant_id = $1 and id = any($2) order by id for no key update",
            ctx.tenant_id,
            ids,
        )
    # Somebody may have released one of them, or given it more days, until its target was locked.
    ids = [row["id"] for row in targets]
    rows = await tx.fetch(due.format(what=_HOLD) + " and id = any($3) order by ends_at, id", ctx.tenant_id, now, ids)
    return [hold_of(row) for row in rows]


def hold_of(row: Any) -> Hold:
    """A hold from its row."""
    return Hold(**dict(row))


async def _keep(ctx: Context, holds: Sequence[Hold]) -> None:
    receivables = [hold.receivable_id for hold in holds if hold.receivable_id is not None]
    customers = [hold.customer_id for hold in holds if hold.receivable_id is None]
    for statement, ids in ((_KEEP_RECEIVABLES, receivables), (_KEEP_CUSTOMERS, customers)):
        if ids:
            await sql(ctx).execute(statement, ctx.tenant_id, ids, WITHOUT_END)
