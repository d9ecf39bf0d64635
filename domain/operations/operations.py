"""Use cases of operations: look how far long work is, and what of it could not be done."""

from __future__ import annotations

from typing import Any

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.operations import work
from domain.operations.model import Operation, OperationError
from domain.storage.transaction import reading


@use_case("operations:read")
async def get_operation(ctx: Context, operation_id: str) -> Operation:
    """One operation and its progress."""
    async with reading(ctx):
        operation = await work.find(ctx, operation_id)
    if operation is None:
        raise NotFound.of("operation", operation_id)
    return operation


@use_case("operations:read")
async def list_operations(ctx: Context, page: PageRequest) -> Page[Operation]:
    """Operations, oldest first."""
    async with reading(ctx) as tx:
        rows = await tx.fetch(
            "select id, kind, state, dry_run, progress, result, error, created_at, started_at, finished_at"
            " from operations where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
            ctx.tenant_id,
            page.after,
            page.limit + 1,
        )
    return page_of(rows, page, lambda row: str(row["id"]), work.operation_of)


@use_case("operations:read")
async def list_operation_errors(ctx: Context, operation_id: str, page: PageRequest) -> Page[OperationError]:
    """What an operation could not do, in the order of its input."""
    await get_operation(ctx, operation_id)
    async with reading(ctx) as tx:
        rows = await tx.fetch(
            'select number, line, "column", code, detail, value from operation_errors'
            " where tenant_id = $1 and operation_id = $2 and number > $3 order by number limit $4",
            ctx.tenant_id,
            operation_id,
            page.number_after(start=-1, digits=18),
            page.limit + 1,
        )
    return page_of(rows, page, lambda row: str(row["number"]), _error_of)


def _error_of(row: Any) -> OperationError:
    return OperationError(**dict(row))
