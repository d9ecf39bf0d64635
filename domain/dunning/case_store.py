"""Cases in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec

from domain.dunning.model import Case
from domain.kernel.context import Context
from domain.kernel.copying import record_of
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest, as_json
from domain.storage.bulk import insert_rows, update_rows
from domain.storage.transaction import sql

_FIELDS = [field.name for field in fields(Case)]
_REASONS = _FIELDS.index("deferred_reasons")
CASE = ", ".join(_FIELDS)
_CASE_TYPES = {
    **dict.fromkeys(("tenant_id", "id", "receivable_id", "customer_id", "plan_id", "plan_version_id"), "text"),
    "state": "text",
    "next_action_at": "timestamptz",
    "deferred_reasons": "jsonb",
    "test_clock": "boolean",
    "version": "integer",
    "opened_at": "timestamptz",
    "anchor": "text",
    "currency": "text",
    "round_started_at": "timestamptz",
    "enters_on": "date",
    "combined": "boolean",
}
_CASE_CHANGES = {
    "state": "text",
    "close_reason": "text",
    "next_action_at": "timestamptz",
    "deferred_reasons": "jsonb",
    "deferred_until": "timestamptz",
    "deferred_step": "text",
    "version": "integer",
    "closed_at": "timestamptz",
}
_PLAN_CHANGES = {
    "plan_id": "text",
    "plan_version_id": "text",
    "next_action_at": "timestamptz",
    "version": "integer",
    "combined": "boolean",
}


async def add(ctx: Context, cases: Sequence[Case]) -> None:
    """Stores new cases in one statement."""
    rows = [
        (
            ctx.tenant_id,
            c.id,
            c.receivable_id,
            c.customer_id,
            c.plan_id,
            c.plan_version_id,
            c.state,
            c.next_action_at,
            "[]",
            ctx.on_test_clock,
            c.version,
            c.opened_at,
            c.anchor,
            c.currency,
            c.round_started_at,
            c.enters_on,
            c.combined,
        )
        for c in cases
    ]
    await insert_rows(sql(ctx), "cases", _CASE_TYPES, rows)


async def save(ctx: Context, cases: Sequence[Case]) -> None:
    """Stores what can change of cases, in one statement."""
    rows = [
        (
            *(ctx.tenant_id, c.id, c.state, c.close_reason, c.next_action_at),
            *(_reasons(c), c.deferred_until, c.deferred_step, c.version, c.closed_at),
        )
        for c in cases
    ]
    await update_rows(sql(ctx), "cases", {"tenant_id": "text", "id": "text"}, _CASE_CHANGES, rows)


async def claim_due(ctx: Context, now: datetime, limit: int) -> list[Case]:
    """Cases that want a decision of their own, earliest first, locked until the commit; those another worker has are left out."""
    rows = await sql(ctx).fetch(
        f"select {CASE} from cases where tenant_id = $1 and next_action_at is not null and next_action_at <= $2"
        " and not combined order by next_action_at limit $3 for no key update skip locked",
        ctx.tenant_id,
        now,
        limit,
    )
    return [case_of(row) for row in rows]


async def lock_of_receivable(ctx: Context, receivable_id: str) -> Case | None:
    """The case of a receivable, if it has one, locked until the commit."""
    row = await sql(ctx).fetchrow(
        f"select {CASE} from cases where tenant_id = $1 and receivable_id = $2 for no key update",
        ctx.tenant_id,
        receivable_id,
    )
    return case_of(row) if row else None


async def lock_active(ctx: Context, receivable_ids: Sequence[str]) -> list[Case]:
    """The active cases of these receivables, locked until the commit."""
    rows = await sql(ctx).fetch(
        f"select {CASE} from cases where tenant_id = $1 and receivable_id = any($2) and state = 'active'"
        " order by id for no key update",
        ctx.tenant_id,
        list(receivable_ids),
    )
    return [case_of(row) for row in rows]


async def change_plans(ctx: Context, cases: Sequence[Case]) -> None:
    """Stores the plan versions that cases walk through, and when the engine looks at them, in one statement."""
    rows = [(ctx.tenant_id, c.id, c.plan_id, c.plan_version_id, c.next_action_at, c.version, c.combined) for c in cases]
    await update_rows(sql(ctx), "cases", {"tenant_id": "text", "id": "text"}, _PLAN_CHANGES, rows)


async def lock(ctx: Context, case_id: str) -> Case:
    """One case, locked until the commit; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {CASE} from cases where tenant_id = $1 and id = $2 for no key update", ctx.tenant_id, case_id
    )
    if row is None:
        raise NotFound.of("case", case_id)
    return case_of(row)


async def lock_all(ctx: Context, case_ids: Sequence[str]) -> list[Case]:
    """These cases, locked until the commit."""
    rows = await sql(ctx).fetch(
        f"select {CASE} from cases where tenant_id = $1 and id = any($2) order by id for no key update",
        ctx.tenant_id,
        list(case_ids),
    )
    return [case_of(row) for row in rows]


async def wake(ctx: Context, case_id: str, at: datetime) -> None:
    """Has the engine look at a case again; it decides from the facts as they are then."""
    await sql(ctx).execute(
        "update cases set next_action_at = $3 where tenant_id = $1 and id = $2 and state <> 'closed'",
        ctx.tenant_id,
        case_id,
        at,
    )


async def get(ctx: Context, case_id: str) -> Case:
    """One case; raises NotFound."""
    row = await sql(ctx).fetchrow(f"select {CASE} from cases where tenant_id = $1 and id = $2", ctx.tenant_id, case_id)
    if row is None:
        raise NotFound.of("case", case_id)
    return case_of(row)


async def by_ids(ctx: Context, ids: list[str]) -> dict[str, Case]:
    """Cases by id, those that exist."""
    rows = await sql(ctx).fetch(f"select {CASE} from cases where tenant_id = $1 and id = any($2)", ctx.tenant_id, ids)
    return {row["id"]: case_of(row) for row in rows}


async def page(
    ctx: Context, request: PageRequest, customer_id: str | None, receivable_id: str | None, state: str | None
) -> list[Any]:
    """Rows of a page in the order of opening, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {CASE} from cases where tenant_id = $1 and ($2::text is null or id > $2)"
        " and ($3::text is null or customer_id = $3) and ($4::text is null or receivable_id = $4 or id = any("
        "array(select case_id from case_receivables where tenant_id = $1 and receivable_id = $4)))"
        " and ($5::text is null or state = $5) order by id limit $6",
        ctx.tenant_id,
        request.after,
        customer_id,
        receivable_id,
        state,
        request.limit + 1,
    )


def _reasons(case: Case) -> str:
    return as_json(case.deferred_reasons) if case.deferred_reasons else "[]"


def case_of(row: Any) -> Case:
    """A case from its row."""
    values = list(row)
    reasons = values[_REASONS]
    values[_REASONS] = [] if reasons == "[]" else msgspec.json.decode(reasons)
    return record_of(Case, values)
