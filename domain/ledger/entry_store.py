"""Entries in PostgreSQL: every movement on a receivable, immutable, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import Entry
from domain.ledger.rules.components import Parts, only
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_ENTRY = {
    "tenant_id": "text",
    "id": "text",
    "receivable_id": "text",
    "kind": "text",
    "component": "text",
    "amount": "numeric",
    "allocation_id": "text",
    "write_off_id": "text",
    "charge_id": "text",
    "effective_on": "date",
    "created_at": "timestamptz",
}


async def add(ctx: Context, entries: Sequence[Entry]) -> None:
    """Stores movements in one statement."""
    if not entries:
        return
    rows = [
        (e.id, e.receivable_id, e.kind, e.component, e.amount.amount, *_sources(e), e.effective_on) for e in entries
    ]
    common = {"tenant_id": ctx.tenant_id, "created_at": entries[0].created_at}
    await insert_rows(sql(ctx), "entries", _ENTRY, rows, shared=common)


def _sources(e: Entry) -> tuple[str | None, str | None, str | None]:
    return e.allocation_id, e.write_off_id, e.charge_id


async def page(ctx: Context, receivable_id: str, request: PageRequest) -> list[Any]:
    """Rows of a page of one receivable's movements, one more than asked for."""
    return await sql(ctx).fetch(
        "select e.id, e.receivable_id, e.kind, e.component, e.amount, r.currency, e.effective_on, e.allocation_id,"
        " e.write_off_id, e.charge_id, e.created_at"
        " from entries e join receivables r on r.tenant_id = e.tenant_id and r.id = e.receivable_id"
        " where e.tenant_id = $1 and e.receivable_id = $2 and ($3::text is null or e.id > $3) order by e.id limit $4",
        ctx.tenant_id,
        receivable_id,
        request.after,
        request.limit + 1,
    )


def entry_of(row: Any) -> Entry:
    """A movement from its row."""
    values = dict(row)
    values["amount"] = Money(values["amount"], values.pop("currency"))
    return Entry(**values)


async def parts_of_write_off(ctx: Context, write_off_id: str) -> Parts:
    """What the entries of a write-off sum to, by what they moved."""
    rows = await sql(ctx).fetch(
        "select component, sum(amount) from entries where tenant_id = $1 and write_off_id = $2 group by component",
        ctx.tenant_id,
        write_off_id,
    )
    return Parts(**dict(rows))


async def settled_by(ctx: Context, allocation_ids: Sequence[str]) -> dict[str, tuple[Parts, date]]:
    """What these allocations moved, discounts not counted, and the last day on which they or their discounts took effect."""
    rows = await sql(ctx).fetch(
        "select allocation_id, component, sum(amount) filter (where kind not in ('discount', 'discount_reversal')),"
        " max(effective_on) from entries where tenant_id = $1 and allocation_id = any($2) group by allocation_id, component",
        ctx.tenant_id,
        list(allocation_ids),
    )
    found: dict[str, tuple[Parts, date]] = {}
    for allocation, component, amount, last_on in rows:
        parts, on = found.get(allocation, (Parts(), last_on))
        found[allocation] = (parts + only(component, amount or Decimal(0)), max(on, last_on))
    return found
