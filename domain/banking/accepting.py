"""Accepts every proposed line of a statement; asked for by a caller, run by workers.

Each line is one transaction together with the number of the line up to which the statement is done.
"""

from __future__ import annotations

from dataclasses import replace

from domain.banking import line_store, statement_store
from domain.banking.deciding import accept_locked
from domain.kernel.context import Context
from domain.kernel.errors import DunwellError
from domain.kernel.usecase import use_case
from domain.operations import work as operations
from domain.operations.model import ClaimedOperation, Operation, OperationError, Progress
from domain.storage.transaction import sql, transaction


@use_case("payments:write")
async def accept_proposed_lines(ctx: Context, statement_id: str) -> Operation:
    """Starts the operation that accepts all lines of a statement that are proposed; raises NotFound."""
    async with transaction(ctx):
        await statement_store.get(ctx, statement_id)
        return await operations.add(ctx, "bank_acceptance", {"statement_id": statement_id})


async def run_accepting(ctx: Context, claimed: ClaimedOperation) -> None:
    """Goes through the proposed lines from where the operation stands; a line that cannot be accepted is told as an error."""
    progress, position = claimed.progress, claimed.position
    while (held := await _one(ctx, claimed, progress, position)) is not None:
        progress, position = held


async def _one(
    ctx: Context, claimed: ClaimedOperation, progress: Progress, position: int
) -> tuple[Progress, int] | None:
    """Decides on the next line; None when the operation is over, or goes on elsewhere."""
    async with transaction(ctx):
        held = await sql(ctx).fetchval(
            "select position from operations where tenant_id = $1 and id = $2 and state = 'running' for update",
            ctx.tenant_id,
            claimed.id,
        )
        if held != position:
            return None
        found = await line_store.next_proposed(ctx, claimed.input["statement_id"], position)
        if found is None:
            result = {"accepted": progress.created, "failed": progress.failed}
            await operations.finish(ctx, claimed.id, result=result)
            return None
        line_id, number = found
        error = await _error_of(ctx, line_id, number)
        if error is None:
            progress = replace(progress, processed=progress.processed + 1, created=progress.created + 1)
        else:
            await operations.add_errors(ctx, claimed.id, progress.failed, [error])
            progress = replace(progress, processed=progress.processed + 1, failed=progress.failed + 1)
        await operations.advance(ctx, claimed.id, progress, number)
        return progress, number


async def _error_of(ctx: Context, line_id: str, number: int) -> OperationError | None:
    """Accepts one line; why it could not be."""
    try:
        async with transaction(ctx):
            line = await line_store.get(ctx, line_id, lock=True)
            if await accept_locked(ctx, line, None, None) is not None:
                return None
        code, detail = "suggestion_outdated", "What the proposal settles has changed; the line was matched again."
    except DunwellError as refused:
        code, detail = refused.code, refused.detail
    return OperationError(line=number, column="", code=code, detail=detail, value=line_id)
