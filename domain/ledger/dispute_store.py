"""Disputes in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.dispute_model import Dispute
from domain.ledger.rules.disputing import Freeze
from domain.ledger.tables import DisputeRow
from domain.storage.transaction import sql

_AMOUNTS = ("amount", "accepted_amount")
_NAMES = [field.name for field in fields(Dispute)]
_SELECT = f"select currency, {', '.join(_NAMES)} from disputes where tenant_id = $1"


async def add(ctx: Context, dispute: Dispute) -> None:
    """Stores a new dispute."""
    await DisputeRow.insert(DisputeRow(tenant_id=ctx.tenant_id, **_values(dispute)))


async def save(ctx: Context, dispute: Dispute) -> None:
    """Replaces a locked dispute's row."""
    await DisputeRow.update(_values(dispute)).where(
        (DisputeRow.tenant_id == ctx.tenant_id) & (DisputeRow.id == dispute.id)
    )


async def get(ctx: Context, dispute_id: str, *, lock: bool = False) -> Dispute:
    """One dispute; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and id = $2{' for update' if lock else ''}", ctx.tenant_id, dispute_id)
    if row is None:
        raise NotFound.of("dispute", dispute_id)
    return dispute_of(row)


async def page(ctx: Context, request: PageRequest, filters: dict[str, str | None]) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    arguments: list[Any] = [ctx.tenant_id]
    statement = _SELECT
    for condition, value in {**{f"{name} =": value for name, value in filters.items()}, "id >": request.after}.items():
        if value is not None:
            arguments.append(value)
            statement += f" and {condition} ${len(arguments)}"
    return await sql(ctx).fetch(f"{statement} order by id limit {request.limit + 1}", *arguments)


async def disputed_amounts(ctx: Context, receivable_ids: Sequence[str]) -> dict[str, Decimal]:
    """What unresolved disputes contest in all, of those receivables that have any; it may be more than is still open."""
    rows = await sql(ctx).fetch(
        "select receivable_id, sum(amount) as amount from disputes"
        " where tenant_id = $1 and receivable_id = any($2) and resolved_on is null group by 1",
        ctx.tenant_id,
        list(receivable_ids),
    )
    return {row["receivable_id"]: row["amount"] for row in rows}


async def freezes(ctx: Context, receivable_ids: Sequence[str]) -> dict[str, list[Freeze]]:
    """On what of each receivable no interest accrues: what is disputed, and what was until it turned out to be right.

    A dispute that was rejected or withdrawn leaves no freeze: the debtor was late without a reason.
    """
    rows = await sql(ctx).fetch(
        "select receivable_id, opened_on, resolved_on, case when resolved_on is null then amount else accepted_amount end"
        " as amount from disputes where tenant_id = $1 and receivable_id = any($2)"
        " and (resolved_on is null or accepted_amount > 0) order by receivable_id, opened_on, id",
        ctx.tenant_id,
        list(receivable_ids),
    )
    found: dict[str, list[Freeze]] = defaultdict(list)
    for receivable_id, opened_on, resolved_on, amount in rows:
        found[receivable_id].append(Freeze(from_on=opened_on, until_on=resolved_on, amount=amount))
    return found


def dispute_of(row: Any) -> Dispute:
    """A dispute from its row."""
    values = dict(row)
    currency = values.pop("currency")
    return Dispute(**{**values, **{name: Money(values[name], currency) for name in _AMOUNTS}})


def _values(dispute: Dispute) -> dict[str, Any]:
    values = {name: getattr(dispute, name) for name in _NAMES}
    return {**values, **{name: values[name].amount for name in _AMOUNTS}, "currency": dispute.amount.currency}
