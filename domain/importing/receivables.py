"""Receivables out of a file, a batch at a time: whatever the number of lines, the number of statements is the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.importing.customers import Stored, customers_for
from domain.importing.rules.columns import Columns, Refused
from domain.importing.rules.lines import ReceivableLine
from domain.kernel.context import Context
from domain.kernel.errors import Conflict
from domain.ledger import entry_store, line_store, store
from domain.ledger.lines import amount_differs_from_lines
from domain.ledger.model import CustomerRef, Held, Receivable
from domain.ledger.movements import correction_of
from domain.ledger.registering import change_events, changed_receivable, new_receivable
from domain.ledger.rules.references import NAMES
from domain.operations.model import OperationError


async def store_receivables(
    ctx: Context, columns: Columns, lines: Sequence[ReceivableLine], *, dry_run: bool
) -> Stored:
    """Creates or changes the receivables of a batch; those that say nothing new are not touched."""
    known = await store.held_by_external_ids(ctx, [line.external_id for line in lines])
    receivables = {h.receivable.external_id: h.receivable for h in known}
    fresh = [line for line in lines if line.external_id not in receivables]
    customers = await customers_for(ctx, lines, creating=fresh, dry_run=dry_run)
    others = [
        line
        for line in lines
        if (receivable := receivables.get(line.external_id)) and _says_else(receivable, line, customers)
    ]

    await _create(ctx, fresh, customers, dry_run=dry_run)
    stored = await _change(ctx, columns, others, customers, dry_run=dry_run)
    stored.created = len(fresh)
    stored.unchanged += len(known) - len(others)
    return stored


async def _create(
    ctx: Context, lines: Sequence[ReceivableLine], customers: dict[str, CustomerRef], *, dry_run: bool
) -> None:
    if dry_run:
        return
    # In one order whoever imports, so that two imports of one file wait for each other, but not in a circle.
    new = [
        new_receivable(ctx, customers[line.customer_external_id], line.external_id, {**_terms(line), "metadata": {}})
        for line in sorted(lines, key=lambda line: line.external_id)
    ]
    await store.add(ctx, new)
    emit(ctx, *(NewEvent("receivable.created", h.receivable.id, {"receivable": h.receivable}) for h in new))


async def _change(
    ctx: Context, columns: Columns, lines: Sequence[ReceivableLine], customers: dict[str, CustomerRef], *, dry_run: bool
) -> Stored:
    """Looks again at receivables that differ from their lines, now locked, and changes them."""
    stored = Stored()
    if not lines:
        return stored
    line_of = {line.external_id: line for line in lines}
    held = await store.lock_by_external_ids(ctx, list(line_of))
    corrected = [h.receivable.id for h in held if h.receivable.amount != line_of[h.receivable.external_id or ""].amount]
    with_lines = await line_store.having_lines(ctx, corrected)
    changes: list[tuple[Held, Held]] = []
    for before in held:
        line = line_of[before.receivable.external_id or ""]
        try:
            after = changed_receivable(ctx, before, _changes(before.receivable, line, customers))
            if before.receivable.id in with_lines:
                raise amount_differs_from_lines()
        except Conflict as conflict:
            stored.errors.append(_refusal(columns, line, conflict))
            continue
        if after is None:
            stored.unchanged += 1
        else:
            changes.append((before, after))
    stored.updated = len(changes)
    if not dry_run:
        await _save(ctx, changes)
    return stored


async def _save(ctx: Context, changes: Sequence[tuple[Held, Held]]) -> None:
    await store.save(ctx, [after for _, after in changes])
    pairs = [(before.receivable, after.receivable) for before, after in changes]
    await entry_store.add(ctx, [moved for pair in pairs for moved in correction_of(ctx, *pair)])
    emit(ctx, *(event for pair in pairs for event in change_events(*pair)))


def _refusal(columns: Columns, line: ReceivableLine, conflict: Conflict) -> OperationError:
    field, value = {
        "customer_immutable": ("customer_external_id", line.customer_external_id),
        "currency_immutable": ("currency", line.amount.currency),
        "amount_below_settled": ("amount", str(line.amount.amount)),
        "receivable_cancelled": ("external_id", line.external_id),
        "amount_differs_from_lines": ("amount", str(line.amount.amount)),
        "discount_taken": ("amount", str(line.amount.amount)),
        "due_on_differs_from_payment_terms": ("due_on", str(line.due_on)),
    }[conflict.code]
    return columns.error(line.line, field, Refused(conflict.code, conflict.detail), value)


def _says_else(receivable: Receivable, line: ReceivableLine, customers: dict[str, CustomerRef]) -> bool:
    return (
        line.amount != receivable.amount
        or line.due_on != receivable.due_on
        or line.issued_on != receivable.issued_on
        or (line.number or receivable.number) != receivable.number
        or _customer_id(line, customers) != receivable.customer_id
        or any(getattr(receivable, name) != said for name, said in _references(line).items())
    )


def _terms(line: ReceivableLine) -> dict[str, Any]:
    return {
        "number": line.number or line.external_id,
        "amount": line.amount,
        "issued_on": line.issued_on,
        "due_on": line.due_on,
        **_references(line),
    }


def _references(line: ReceivableLine) -> dict[str, str]:
    """Those that the line says; a file that says nothing of one leaves it as it is."""
    return {name: said for name in NAMES if (said := getattr(line, name))}


def _changes(receivable: Receivable, line: ReceivableLine, customers: dict[str, CustomerRef]) -> dict[str, Any]:
    number = line.number or receivable.number
    return {**_terms(line), "number": number, "customer_id": _customer_id(line, customers)}


def _customer_id(line: ReceivableLine, customers: dict[str, CustomerRef]) -> str | None:
    customer = customers.get(line.customer_external_id)
    return customer.id if customer else None
