"""Movements on receivables that are not stored yet."""

from __future__ import annotations

from datetime import date

from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.ledger.model import Entry, EntryKind, Receivable
from domain.ledger.rules.components import Component, Parts


def entry(
    ctx: Context,
    receivable_id: str,
    kind: EntryKind,
    amount: Money,
    day: date,
    *,
    component: Component = "principal",
    allocation: str | None = None,
    write_off: str | None = None,
    charge: str | None = None,
) -> Entry:
    """A movement that is not stored yet."""
    return Entry(
        id=new_id("ent"),
        receivable_id=receivable_id,
        kind=kind,
        component=component,
        amount=amount,
        effective_on=day,
        allocation_id=allocation,
        write_off_id=write_off,
        charge_id=charge,
        created_at=ctx.now(),
    )


def entries_by_part(
    ctx: Context, receivable_id: str, kind: EntryKind, parts: Parts, currency: str, day: date, **source: str
) -> list[Entry]:
    """One movement for each part of an amount; `source` names the allocation, write-off or charge."""
    return [
        entry(ctx, receivable_id, kind, Money(amount, currency), day, component=component, **source)
        for component, amount in parts.items()
    ]


def correction_of(ctx: Context, before: Receivable, after: Receivable) -> list[Entry]:
    """The movement that a change of the amount is, if it is one."""
    difference = after.amount - before.amount
    return [entry(ctx, after.id, "correction", difference, ctx.today())] if difference else []
