"""Lines of receivables in PostgreSQL, always bound to the context's tenant. Their currency is the receivable's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.detail_model import Line
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_TEXTS = {"product": "text", "description": "text", "quantity": "numeric", "unit": "text", "tax_rate": "numeric"}
_AMOUNTS = {"unit_price": "numeric", "amount": "numeric", "tax_amount": "numeric"}
_COLUMNS = {"tenant_id": "text", "receivable_id": "text", "position": "integer", **_TEXTS, **_AMOUNTS}
_SELECT = f"select position, {', '.join([*_TEXTS, *_AMOUNTS])} from receivable_lines where tenant_id = $1 and receivable_id = $2"


async def replace_all(ctx: Context, receivable_id: str, lines: Sequence[Line]) -> None:
    """Stores numbered lines in place of those that were there."""
    await sql(ctx).execute(
        "delete from receivable_lines where tenant_id = $1 and receivable_id = $2", ctx.tenant_id, receivable_id
    )
    await add(ctx, receivable_id, lines)


async def add(ctx: Context, receivable_id: str, lines: Sequence[Line]) -> None:
    """Stores numbered lines of a receivable that has none."""
    rows = [(ctx.tenant_id, receivable_id, line.position, *_values(line)) for line in lines]
    await insert_rows(sql(ctx), "receivable_lines", _COLUMNS, rows)


async def all_of(ctx: Context, receivable_id: str, currency: str) -> list[Line]:
    """Every line of a receivable in order."""
    rows = await sql(ctx).fetch(f"{_SELECT} order by position", ctx.tenant_id, receivable_id)
    return [_line_of(row, currency) for row in rows]


async def page(ctx: Context, receivable_id: str, currency: str, request: PageRequest) -> list[Line]:
    """Lines of a receivable in order, one more than asked for."""
    after = request.number_after()
    statement = f"{_SELECT} and position > $3 order by position limit $4"
    rows = await sql(ctx).fetch(statement, ctx.tenant_id, receivable_id, after, request.limit + 1)
    return [_line_of(row, currency) for row in rows]


async def having_lines(ctx: Context, receivable_ids: Sequence[str]) -> set[str]:
    """Those of the receivables that have lines; none asked for, no statement."""
    if not receivable_ids:
        return set()
    statement = "select distinct receivable_id from receivable_lines where tenant_id = $1 and receivable_id = any($2)"
    return {row[0] for row in await sql(ctx).fetch(statement, ctx.tenant_id, list(receivable_ids))}


def _values(line: Line) -> tuple[Any, ...]:
    amounts = (None if (money := getattr(line, name)) is None else money.amount for name in _AMOUNTS)
    return (*(getattr(line, name) for name in _TEXTS), *amounts)


def _line_of(row: Any, currency: str) -> Line:
    values = dict(row)
    amounts = {name: None if values[name] is None else Money(values[name], currency) for name in _AMOUNTS}
    return Line(**{**values, **amounts})
