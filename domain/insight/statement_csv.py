"""A statement as CSV, written piece by piece into a file: whatever its length, it takes the same memory.

The file is complete before anybody reads it, so a slow reader holds no connection to the database, and every line is of one moment.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from datetime import date
from typing import IO

from domain.documents.cells import BYTE_ORDER_MARK, Cell, encoded
from domain.insight.statement_model import Statement, StatementAccount, StatementCredit, StatementItem
from domain.insight.statements import framed, get_statement, items_of, movements_of
from domain.kernel.context import Context
from domain.kernel.usecase import check, declared
from domain.storage.transaction import snapshot

_IN_MEMORY = 1_000_000  # bytes; what is larger goes to the disk
_ROWS_AT_ONCE = 200
_OPEN = (
    *("line", "currency", "number", "issued_on", "due_on", "days_overdue", "amount", "settled_amount", "open_amount"),
    *("id", "due_on_is_provisional"),
)
_PERIOD = ("line", "currency", "number", "dated_on", "amount", "balance_amount", "id")


async def statement_file(
    ctx: Context, customer_id: str, *, as_of: date | None, from_on: date | None, currency: str | None, bom: bool = True
) -> tuple[Statement, IO[bytes]]:
    """The statement of `get_statement` (under its scope) as a file at its beginning, of any number of lines; the caller closes it.

    With `bom` it begins with a byte order mark, which Excel needs to read Chinese.
    """
    check(declared(get_statement), ctx)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- the caller closes it
    try:
        async with snapshot(ctx):
            statement = await framed(ctx, customer_id, as_of=as_of, from_on=from_on, currency=currency)
            file.write((BYTE_ORDER_MARK if bom else b"") + encoded([_PERIOD if from_on else _OPEN]))
            pieces: list[tuple[Cell, ...]] = []
            async for row in _rows(ctx, statement):
                pieces.append(row)
                if len(pieces) == _ROWS_AT_ONCE:
                    file.write(encoded(pieces))
                    pieces.clear()
            file.write(encoded(pieces))
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return statement, file


async def _rows(ctx: Context, statement: Statement) -> AsyncIterator[tuple[Cell, ...]]:
    for account in statement.accounts:
        if statement.from_on is None:
            async for line in items_of(ctx, statement, account.currency, None):
                yield _open_row(account.currency, line)
        else:
            async for row in _period_rows(ctx, statement, account, statement.from_on):
                yield row


async def _period_rows(
    ctx: Context, statement: Statement, account: StatementAccount, from_on: date
) -> AsyncIterator[tuple[Cell, ...]]:
    assert account.opening_amount is not None
    currency = account.currency
    yield ("opening", currency, None, from_on, None, account.opening_amount.amount, None)
    async for moved in movements_of(ctx, statement, account, None):
        told = (moved.number, moved.dated_on, moved.amount.amount, moved.balance_amount.amount, moved.source_id)
        yield (moved.kind, currency, *told)
    yield ("closing", currency, None, statement.as_of, None, account.balance_amount.amount, None)


def _open_row(currency: str, line: StatementItem | StatementCredit) -> tuple[Cell, ...]:
    if isinstance(line, StatementCredit):
        owed = -line.unapplied_amount.amount
        return (line.kind, currency, line.number, line.dated_on, None, None, None, None, owed, line.source_id, None)
    amounts = (line.amount.amount, line.settled_amount.amount, line.open_amount.amount)
    days = (line.issued_on, line.due_on, line.days_overdue)
    provisional = "true" if line.due_on_is_provisional else "false"
    return ("receivable", currency, line.number, *days, *amounts, line.receivable_id, provisional)
