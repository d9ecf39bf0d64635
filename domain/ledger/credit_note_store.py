"""Credit notes in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger import allocation_store
from domain.ledger.model import CreditNote
from domain.ledger.tables import CreditNoteRow
from domain.storage.transaction import sql

_AMOUNTS = ("amount", "unapplied_amount")
_NAMES = [field.name for field in fields(CreditNote) if field.name != "allocations"]
_SELECT = f"select currency, {', '.join(_NAMES)} from credit_notes where tenant_id = $1"


async def add(ctx: Context, note: CreditNote) -> None:
    """Stores a credit note and its allocations; raises asyncpg's UniqueViolationError if its external id is taken."""
    await CreditNoteRow.insert(CreditNoteRow(tenant_id=ctx.tenant_id, **_values(note)))
    await allocation_store.add(ctx, note.id, note.allocations)


async def save(ctx: Context, note: CreditNote) -> None:
    """Replaces a locked credit note's row."""
    await CreditNoteRow.update(_values(note)).where(
        (CreditNoteRow.tenant_id == ctx.tenant_id) & (CreditNoteRow.id == note.id)
    )


async def get(ctx: Context, note_id: str, *, lock: bool = False) -> CreditNote:
    """One credit note; raises NotFound."""
    found = await _fetch(ctx, f"and id = $2{' for update' if lock else ''}", note_id)
    if not found:
        raise NotFound.of("credit_note", note_id)
    return found[0]


async def find_external(ctx: Context, external_id: str) -> CreditNote | None:
    """One credit note by the id that the integrator gave it."""
    found = await _fetch(ctx, "and external_id = $2", external_id)
    return found[0] if found else None


async def page(ctx: Context, customer_id: str | None, request: PageRequest) -> list[CreditNote]:
    """Credit notes in the order of their creation, one more than asked for."""
    of_customer = "" if customer_id is None else " and customer_id = $4"
    which = f"and ($2::text is null or id > $2){of_customer} order by id limit $3"
    arguments = [] if customer_id is None else [customer_id]
    return await _fetch(ctx, which, request.after, request.limit + 1, *arguments)


async def _fetch(ctx: Context, which: str, *arguments: Any) -> list[CreditNote]:
    rows: Sequence[Any] = await sql(ctx).fetch(f"{_SELECT} {which}", ctx.tenant_id, *arguments)
    allocations = await allocation_store.holding(ctx, {row["id"]: row["currency"] for row in rows})
    return [_note_of(row, allocations.get(row["id"], [])) for row in rows]


def _note_of(row: Any, allocations: list[Any]) -> CreditNote:
    values = dict(row)
    currency = values.pop("currency")
    amounts = {name: Money(values[name], currency) for name in _AMOUNTS}
    return CreditNote(**{**values, **amounts, "allocations": allocations})


def _values(note: CreditNote) -> dict[str, Any]:
    values = {name: getattr(note, name) for name in _NAMES}
    return {**values, **{name: values[name].amount for name in _AMOUNTS}, "currency": note.amount.currency}
