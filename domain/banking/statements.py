"""Use cases of reading bank statements and their lines."""

from __future__ import annotations

from domain.banking import line_store, statement_store
from domain.banking.model import BankStatement, BankStatementLine, LineState
from domain.kernel.context import Context
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.storage.transaction import reading


@use_case("payments:read")
async def list_bank_statements(ctx: Context, page: PageRequest) -> Page[BankStatement]:
    """Statements in the order of their reading."""
    async with reading(ctx):
        rows = await statement_store.page(ctx, page)
    return page_of(rows, page, lambda statement: statement.id, lambda statement: statement)


@use_case("payments:read")
async def get_bank_statement(ctx: Context, statement_id: str) -> BankStatement:
    """One statement; raises NotFound."""
    async with reading(ctx):
        return await statement_store.get(ctx, statement_id)


@use_case("payments:read")
async def list_bank_statement_lines(
    ctx: Context, page: PageRequest, *, statement_id: str | None = None, state: LineState | None = None
) -> Page[BankStatementLine]:
    """Lines in the order of their files."""
    async with reading(ctx):
        rows = await line_store.page(ctx, statement_id, state, page)
    return page_of(rows, page, lambda line: line.id, lambda line: line)


@use_case("payments:read")
async def get_bank_statement_line(ctx: Context, line_id: str) -> BankStatementLine:
    """One line; raises NotFound."""
    async with reading(ctx):
        return await line_store.get(ctx, line_id)
