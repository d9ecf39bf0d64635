"""Long work in PostgreSQL: started by use cases, claimed with a lease and advanced by workers, resumed after a death."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import as_json
from domain.operations.model import (
    ClaimedOperation,
    Operation,
    OperationError,
    OperationFailure,
    OperationKind,
    Progress,
)
from domain.storage.audit_chain import audited
from domain.storage.bulk import insert_rows
from domain.storage.transaction import signal_after_commit, sql, transaction, unbound

# Longer than any batch between two renewals, short enough that the work of a killed worker is soon taken up.
LEASE = timedelta(seconds=10)

_COLUMNS = "id, kind, state, dry_run, progress, result, error, created_at, started_at, finished_at"
_ERROR_COLUMNS = {
    "tenant_id": "text",
    "operation_id": "text",
    "number": "bigint",
    "line": "integer",
    '"column"': "text",
    "code": "text",
    "detail": "text",
    "value": "text",
}


async def add(ctx: Context, kind: OperationKind, details: dict[str, Any], *, dry_run: bool = False) -> Operation:
    """A new pending operation; a worker takes it up after the commit."""
    row = await sql(ctx).fetchrow(
        f"""
        insert into operations (tenant_id, id, kind, state, dry_run, input, progress, position, result, created_at)
        values ($1, $2, $3, 'pending', $4, $5::jsonb, $6::jsonb, 0, '{{}}', $7) returning {_COLUMNS}
        """,
        ctx.tenant_id,
        new_id("opr"),
        kind,
        dry_run,
        as_json(details),
        as_json(Progress()),
        SystemClock().now(),
    )
    operation = operation_of(row)
    audited(ctx, operation.id, kind=kind)
    signal_after_commit(ctx)
    return operation


async def find(ctx: Context, operation_id: str) -> Operation | None:
    """One operation, if the tenant has it."""
    row = await sql(ctx).fetchrow(
        f"select {_COLUMNS} from operations where tenant_id = $1 and id = $2", ctx.tenant_id, operation_id
    )
    return operation_of(row) if row else None


async def claim(ctx: Context, operation_id: str) -> ClaimedOperation | None:
    """Takes an operation for `LEASE`, unless it is finished or somebody else has it."""
    now = SystemClock().now()
    async with transaction(ctx) as tx:
        row = await tx.fetchrow(
            """
            update operations set state = 'running', started_at = coalesce(started_at, $3), leased_until = $4
            where tenant_id = $1 and id = $2 and state in ('pending', 'running')
              and (leased_until is null or leased_until < $3)
            returning id, kind, dry_run, input, progress, position
            """,
            ctx.tenant_id,
            operation_id,
            now,
            now + LEASE,
        )
    if row is None:
        return None
    values = {**dict(row), "input": msgspec.json.decode(row["input"])}
    return ClaimedOperation(**{**values, "progress": msgspec.json.decode(row["progress"], type=Progress)})


async def advance(
    ctx: Context, operation_id: str, progress: Progress, position: int, *, result: dict[str, Any] | None = None
) -> None:
    """Records, in the transaction of the work itself, how far it is, and what can be told of the result so far; renews the lease."""
    await sql(ctx).execute(
        "update operations set progress = $3::jsonb, position = $4, leased_until = $5, result = coalesce($6::jsonb, result)"
        " where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        operation_id,
        as_json(progress),
        position,
        SystemClock().now() + LEASE,
        None if result is None else as_json(result),
    )


async def renew(ctx: Context, operation_id: str) -> None:
    """Keeps the lease while work goes on that makes no progress to record."""
    async with transaction(ctx) as tx:
        await tx.execute(
            "update operations set leased_until = $3 where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            operation_id,
            SystemClock().now() + LEASE,
        )


async def finish(
    ctx: Context, operation_id: str, *, result: dict[str, Any], failure: OperationFailure | None = None
) -> None:
    """Ends an operation, in the open transaction."""
    await sql(ctx).execute(
        """
        update operations set state = $3, result = $4::jsonb, error = $5::jsonb, finished_at = $6, leased_until = null
        where tenant_id = $1 and id = $2
        """,
        ctx.tenant_id,
        operation_id,
        "failed" if failure else "succeeded",
        as_json(result),
        as_json(failure) if failure else None,
        SystemClock().now(),
    )


async def add_errors(ctx: Context, operation_id: str, first_number: int, errors: list[OperationError]) -> None:
    """Stores the errors of one batch; numbers continue from `first_number`."""
    rows = [
        (ctx.tenant_id, operation_id, first_number + n, e.line, e.column, e.code, e.detail, e.value)
        for n, e in enumerate(errors)
    ]
    await insert_rows(sql(ctx), "operation_errors", _ERROR_COLUMNS, rows)


async def unfinished(at: datetime, most: int = 20) -> list[tuple[str, str]]:
    """Tenant and id of operations that wait for a worker, across tenants; for workers only."""
    from_door = "select tenant_id, id from door_unfinished_operations($1, $2)"
    async with unbound() as tx:
        return [(row["tenant_id"], row["id"]) for row in await tx.fetch(from_door, at, most)]


def operation_of(row: Any) -> Operation:
    """An operation from its row."""
    values = dict(row)
    values["progress"] = msgspec.json.decode(values["progress"], type=Progress)
    values["result"] = msgspec.json.decode(values["result"])
    if values["error"] is not None:
        values["error"] = msgspec.json.decode(values["error"], type=OperationFailure)
    return Operation(**values)
