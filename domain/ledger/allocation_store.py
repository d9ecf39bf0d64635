"""Allocations of payments and credit notes in PostgreSQL: immutable rows, of which those hold that no other row undoes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.model import Allocation
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_COLUMNS = {
    "tenant_id": "text",
    "id": "text",
    "payment_id": "text",
    "credit_note_id": "text",
    "receivable_id": "text",
    "amount": "numeric",
    "created_at": "timestamptz",
    "reverses_id": "text",
}


async def add(ctx: Context, settlement_id: str, allocations: Sequence[Allocation]) -> None:
    """Stores new allocations of a payment or credit note in one statement."""
    await _insert(ctx, settlement_id, [(a.id, a, None) for a in allocations])


async def undo(ctx: Context, settlement_id: str, undone: Sequence[tuple[str, Allocation]]) -> None:
    """Stores what undoes allocations, given as pairs of a new id and the allocation that does not hold any more."""
    await _insert(ctx, settlement_id, [(new, a, a.id) for new, a in undone])


async def holding(ctx: Context, settlements: dict[str, str]) -> dict[str, list[Allocation]]:
    """The allocations that hold of payments or credit notes (all of one kind), given with their currencies, in one statement."""
    if not settlements:
        return {}
    column = _column(next(iter(settlements)))
    rows = await sql(ctx).fetch(
        f"""
        select a.{column} as settlement_id, a.id, a.receivable_id, a.amount from allocations a
        where a.tenant_id = $1 and a.{column} = any($2) and a.reverses_id is null
          and not exists (select 1 from allocations u where u.tenant_id = $1 and u.reverses_id = a.id)
        order by a.id
        """,
        ctx.tenant_id,
        list(settlements),
    )
    found: defaultdict[str, list[Allocation]] = defaultdict(list)
    for settlement_id, allocation_id, receivable_id, amount in rows:
        money = Money(amount, settlements[settlement_id])
        found[settlement_id].append(Allocation(id=allocation_id, receivable_id=receivable_id, amount=money))
    return found


async def _insert(ctx: Context, settlement_id: str, rows: Sequence[tuple[str, Allocation, str | None]]) -> None:
    common = {
        "tenant_id": ctx.tenant_id,
        "payment_id": None,
        "credit_note_id": None,
        _column(settlement_id): settlement_id,
        "created_at": ctx.now(),
    }
    values = [(new, a.receivable_id, a.amount.amount, undone) for new, a, undone in rows]
    await insert_rows(sql(ctx), "allocations", _COLUMNS, values, shared=common)


def _column(settlement_id: str) -> str:
    return "payment_id" if settlement_id.startswith("pay_") else "credit_note_id"
