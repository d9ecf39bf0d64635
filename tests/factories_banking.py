"""Bank statements for tests, made through the use cases."""

from __future__ import annotations

import json
from typing import Any

from domain.banking.model import BankStatementLine
from domain.banking.reading import run_reading
from domain.banking.statements import list_bank_statement_lines
from domain.banking.uploading import upload_bank_statement
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.operations import work as operations
from domain.operations.model import Operation
from domain.operations.operations import get_operation
from tests.factories_ledger import pieces

CSV_MAPPING = json.dumps({"account": "1", "currency": "CNY"})


async def uploaded(ctx: Context, content: str | bytes, format: Any = "csv", **options: Any) -> Operation:
    """A file read to its end."""
    raw = content.encode() if isinstance(content, str) else content
    mapping = options.pop("mapping", {"account": "1", "currency": "CNY"} if format == "csv" else None)
    operation = await upload_bank_statement(ctx, format=format, chunks=pieces(raw), mapping=mapping, **options)
    return await read_by_worker(ctx, operation)


async def read_by_worker(ctx: Context, operation: Operation) -> Operation:
    """An upload after a worker has had it."""
    claimed = await operations.claim(ctx, operation.id)
    assert claimed is not None
    await run_reading(ctx, claimed)
    return await get_operation(ctx, operation.id)


async def lines_of(ctx: Context, **wanted: Any) -> list[BankStatementLine]:
    """The first 200 lines."""
    return (await list_bank_statement_lines(ctx, PageRequest(limit=200), **wanted)).items


async def a_line(ctx: Context, remittance: str, amount: str = "1000.00", **columns: str) -> BankStatementLine:
    """A credit of 2026-01-05 with this remittance, read and matched."""
    told = {"booked_on": "2026-01-05", "amount": amount, "remittance": remittance, **columns}
    operation = await uploaded(ctx, f"{','.join(told)}\n{','.join(told.values())}\n")
    assert operation.progress.created == 1, operation
    return (await lines_of(ctx))[-1]
