"""Lines of bank statements in PostgreSQL, always bound to the context's tenant; the payer's account is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import msgspec

from domain.banking.model import BankStatementLine, LineState, Suggestion
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest, as_json
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

TABLE = "bank_statement_lines"
_SEALED = "counterparty_account"
_NAMES = [f.name for f in fields(BankStatementLine) if f.name != _SEALED]
_SELECT = f"select currency, sealed_{_SEALED}, {', '.join(_NAMES)} from {TABLE} where tenant_id = $1"
_TYPES = {
    "tenant_id": "text",
    "fingerprint": "bytea",
    f"sealed_{_SEALED}": "bytea",
    "currency": "text",
    "id": "text",
    "statement_id": "text",
    "number": "integer",
    "state": "text",
    "direction": "text",
    "amount": "numeric",
    "is_reversal": "boolean",
    "booked_on": "date",
    "value_on": "date",
    "remittance": "text",
    "counterparty_name": "text",
    "end_to_end_id": "text",
    "bank_reference": "text",
    "suggestions": "jsonb",
    "ignored_reason": "text",
    "payment_id": "text",
    "version": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}


async def known(ctx: Context, fingerprints: Sequence[bytes]) -> set[bytes]:
    """Those of these fingerprints whose line is stored."""
    rows = await sql(ctx).fetch(
        f"select fingerprint from {TABLE} where tenant_id = $1 and fingerprint = any($2)",
        ctx.tenant_id,
        list(fingerprints),
    )
    return {row["fingerprint"] for row in rows}


async def add(ctx: Context, lines: Sequence[BankStatementLine], fingerprints: Sequence[bytes]) -> None:
    """Stores new lines in one statement; raises asyncpg's UniqueViolationError if somebody else stored one just now."""
    rows = [
        (
            ctx.tenant_id,
            fingerprint,
            _sealed(ctx, line),
            line.amount.currency,
            *map(_values(line).get, list(_TYPES)[4:]),
        )
        for line, fingerprint in zip(lines, fingerprints, strict=True)
    ]
    await insert_rows(sql(ctx), TABLE, _TYPES, rows)


async def save(ctx: Context, line: BankStatementLine) -> None:
    """Replaces what may change of a locked line."""
    await sql(ctx).execute(
        f"update {TABLE} set state = $3, suggestions = $4::jsonb, ignored_reason = $5, payment_id = $6, version = $7,"
        " updated_at = $8 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        line.id,
        line.state,
        as_json(line.suggestions),
        line.ignored_reason,
        line.payment_id,
        line.version,
        line.updated_at,
    )


async def get(ctx: Context, line_id: str, *, lock: bool = False) -> BankStatementLine:
    """One line; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and id = $2{' for update' if lock else ''}", ctx.tenant_id, line_id)
    if row is None:
        raise NotFound.of("bank_statement_line", line_id)
    return _line_of(ctx, row)


async def page(
    ctx: Context, statement_id: str | None, state: LineState | None, request: PageRequest
) -> list[BankStatementLine]:
    """Lines in the order of their files, one more than asked for."""
    arguments: list[Any] = [ctx.tenant_id]
    statement = _SELECT
    for condition, value in (("id >", request.after), ("statement_id =", statement_id), ("state =", state)):
        if value is not None:
            arguments.append(value)
            statement += f" and {condition} ${len(arguments)}"
    rows = await sql(ctx).fetch(f"{statement} order by id limit {request.limit + 1}", *arguments)
    return [_line_of(ctx, row) for row in rows]


async def next_proposed(ctx: Context, statement_id: str, after: int) -> tuple[str, int] | None:
    """Id and number of the first proposed line of a statement behind a number."""
    row = await sql(ctx).fetchrow(
        f"select id, number from {TABLE} where tenant_id = $1 and statement_id = $2 and number > $3 and state = 'proposed'"
        " order by number limit 1",
        ctx.tenant_id,
        statement_id,
        after,
    )
    return (row["id"], row["number"]) if row else None


async def payer_customers(ctx: Context, keys: Sequence[bytes]) -> dict[bytes, list[str]]:
    """Which customers were found behind these payers before."""
    rows = await sql(ctx).fetch(
        "select key, customer_id from bank_payers where tenant_id = $1 and key = any($2) order by customer_id",
        ctx.tenant_id,
        list(keys),
    )
    found: dict[bytes, list[str]] = {}
    for row in rows:
        found.setdefault(row["key"], []).append(row["customer_id"])
    return found


async def learn_payer(ctx: Context, key: bytes, customer_id: str) -> None:
    """Remembers that this payer pays for this customer."""
    await sql(ctx).execute(
        "insert into bank_payers (tenant_id, key, customer_id, created_at) values ($1, $2, $3, $4) on conflict do nothing",
        ctx.tenant_id,
        key,
        customer_id,
        ctx.now(),
    )


def _values(line: BankStatementLine) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in _NAMES}
    return {**values, "amount": line.amount.amount, "suggestions": as_json(line.suggestions)}


def _sealed(ctx: Context, line: BankStatementLine) -> bytes | None:
    account = line.counterparty_account
    return ctx.keys.seal(account.encode(), TABLE, line.id, _SEALED) if account else None


def _line_of(ctx: Context, row: Any) -> BankStatementLine:
    values = dict(row)
    sealed = values.pop(f"sealed_{_SEALED}")
    account = ctx.keys.open(sealed, TABLE, values["id"], _SEALED).decode() if sealed else ""
    amount = Money(values["amount"], values.pop("currency"))
    suggestions = msgspec.json.decode(values["suggestions"], type=list[Suggestion])
    return BankStatementLine(**{**values, "amount": amount, "suggestions": suggestions, _SEALED: account})
