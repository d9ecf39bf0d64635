"""Bank statements in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.banking.model import BankStatement
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_SELECT = """
    select id, operation_id, format, account, reference, currency, opening_balance, closing_balance, has_balance_mismatch,
      line_count, created_at from bank_statements where tenant_id = $1
"""
_TYPES = {
    "tenant_id": "text",
    "id": "text",
    "operation_id": "text",
    "position": "integer",
    "format": "text",
    "account": "text",
    "reference": "text",
    "currency": "text",
    "opening_balance": "numeric",
    "closing_balance": "numeric",
    "has_balance_mismatch": "boolean",
    "line_count": "integer",
    "created_at": "timestamptz",
}


async def add(ctx: Context, rows: Sequence[Sequence[Any]]) -> None:
    """Stores the statements of a file, those that are not stored yet; rows are in the order of the columns."""
    suffix = "on conflict (tenant_id, operation_id, position) do nothing"
    await insert_rows(sql(ctx), "bank_statements", _TYPES, rows, suffix)


async def of_operation(ctx: Context, operation_id: str) -> list[str]:
    """The ids of a file's statements in its order."""
    rows = await sql(ctx).fetch(
        "select id from bank_statements where tenant_id = $1 and operation_id = $2 order by position",
        ctx.tenant_id,
        operation_id,
    )
    return [row["id"] for row in rows]


async def get(ctx: Context, statement_id: str) -> BankStatement:
    """One statement; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and id = $2", ctx.tenant_id, statement_id)
    if row is None:
        raise NotFound.of("bank_statement", statement_id)
    return _statement_of(row)


async def page(ctx: Context, request: PageRequest) -> list[BankStatement]:
    """Statements in the order of their reading, one more than asked for."""
    rows = await sql(ctx).fetch(
        f"{_SELECT} and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )
    return [_statement_of(row) for row in rows]


def _statement_of(row: Any) -> BankStatement:
    values = dict(row)
    for name in ("opening_balance", "closing_balance"):
        if values[name] is not None:
            values[name] = Money.total(values[name], values["currency"])
    return BankStatement(**values)
