"""Planned collection dates in PostgreSQL, always bound to the context's tenant. Their currency is the receivable's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.detail_model import Planned
from domain.ledger.rules.standing import turns_overdue_at
from domain.storage.bulk import insert_rows, update_rows
from domain.storage.transaction import sql

_KEYS = {"tenant_id": "text", "receivable_id": "text", "planned_on": "date"}
_STANDING = {"due_at": "timestamptz", "missed_at": "timestamptz"}
_COLUMNS = {**_KEYS, "amount": "numeric", "note": "text", **_STANDING, "test_clock": "boolean"}


@dataclass(frozen=True, slots=True)
class Due:
    """A planned day that seems to have passed, and the time zone in which it does."""

    receivable_id: str
    planned_on: date
    time_zone: str


async def planned_of(ctx: Context, currencies: Mapping[str, str]) -> dict[str, list[Planned]]:
    """The planned days of receivables, given by id with their currency, in order."""
    rows = await sql(ctx).fetch(
        "select receivable_id, planned_on, amount, note, missed_at from planned_collections"
        " where tenant_id = $1 and receivable_id = any($2) order by receivable_id, planned_on",
        ctx.tenant_id,
        list(currencies),
    )
    found: dict[str, list[Planned]] = {receivable_id: [] for receivable_id in currencies}
    for receivable_id, planned_on, amount, note, missed_at in rows:
        money = Money(amount, currencies[receivable_id])
        found[receivable_id].append(Planned(planned_on=planned_on, amount=money, note=note, missed_at=missed_at))
    return found


async def replace_all(ctx: Context, receivable_id: str, rows: Sequence[Planned], time_zone: str) -> list[Planned]:
    """Stores planned days in place of those that were there; a day that was announced as missed stays so."""
    gone = await sql(ctx).fetch(
        "delete from planned_collections where tenant_id = $1 and receivable_id = $2 returning planned_on, missed_at",
        ctx.tenant_id,
        receivable_id,
    )
    missed: dict[date, datetime | None] = {row["planned_on"]: row["missed_at"] for row in gone}
    kept = [
        Planned(planned_on=r.planned_on, amount=r.amount, note=r.note, missed_at=missed.get(r.planned_on)) for r in rows
    ]
    values = [
        (
            *(ctx.tenant_id, receivable_id, row.planned_on, row.amount.amount, row.note),
            None if row.missed_at else turns_overdue_at(row.planned_on, time_zone),
            *(row.missed_at, ctx.on_test_clock),
        )
        for row in kept
    ]
    await insert_rows(sql(ctx), "planned_collections", _COLUMNS, values)
    return kept


async def lock_due(ctx: Context, limit: int) -> list[Due]:
    """Planned days that have passed and that no other worker has in hand."""
    rows = await sql(ctx).fetch(
        "select p.receivable_id, p.planned_on, coalesce(c.time_zone, $2)"
        " from planned_collections p join receivables r on r.tenant_id = p.tenant_id and r.id = p.receivable_id"
        " join customers c on c.tenant_id = r.tenant_id and c.id = r.customer_id"
        " where p.tenant_id = $1 and p.due_at <= $3 order by p.due_at limit $4 for update of p skip locked",
        ctx.tenant_id,
        ctx.time_zone,
        ctx.now(),
        limit,
    )
    return [Due(*row) for row in rows]


async def settle(ctx: Context, days: Sequence[tuple[Due, datetime | None, datetime | None]]) -> None:
    """Stores of locked days when they are to be looked at again, and when they were announced as missed."""
    rows = [(ctx.tenant_id, day.receivable_id, day.planned_on, due_at, missed_at) for day, due_at, missed_at in days]
    await update_rows(sql(ctx), "planned_collections", _KEYS, _STANDING, rows)
