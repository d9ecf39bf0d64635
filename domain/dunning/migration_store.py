"""Cases that may be moved to another version of their plan, and how far moving them is, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.dunning import case_store
from domain.dunning.model import Case
from domain.kernel.context import Context
from domain.kernel.paging import as_json
from domain.storage.transaction import sql


async def numbers_of(ctx: Context, plan_id: str) -> dict[str, int]:
    """The versions of a plan that cases may walk through, with their numbers."""
    rows = await sql(ctx).fetch(
        "select id, number from plan_versions where tenant_id = $1 and plan_id = $2 and state <> 'draft'",
        ctx.tenant_id,
        plan_id,
    )
    return {row["id"]: row["number"] for row in rows}


async def cases_on(
    ctx: Context, version_ids: Sequence[str], after: str | None, limit: int, *, lock: bool = False
) -> list[Case]:
    """Cases that have not ended and walk through these versions, in the order of their ids."""
    if not version_ids:
        return []
    rows = await sql(ctx).fetch(
        f"select {case_store.CASE} from cases where tenant_id = $1 and id > $2 and plan_version_id = any($3)"
        f" and state <> 'closed' order by id limit $4{' for no key update' if lock else ''}",
        ctx.tenant_id,
        after or "",
        list(version_ids),
        limit,
    )
    return [case_store.case_of(row) for row in rows]


async def hold_operation(ctx: Context, operation_id: str) -> Any:
    """How far a running operation is, locked until the commit; None if it is over."""
    return await sql(ctx).fetchrow(
        "select position, result ->> 'after' as after from operations"
        " where tenant_id = $1 and id = $2 and state = 'running' for update",
        ctx.tenant_id,
        operation_id,
    )


async def note_place(ctx: Context, operation_id: str, after: str) -> None:
    """Remembers the last case that was looked at."""
    await sql(ctx).execute(
        "update operations set result = $3::jsonb where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        operation_id,
        as_json({"after": after}),
    )
