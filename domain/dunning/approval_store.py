"""Approvals of steps in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from domain.dunning.model import Approval
from domain.dunning.rules.facts import ApprovalFacts, ApprovalState
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_APPROVAL = ", ".join(field.name for field in fields(Approval))
# One whose case has ended, or whose step was decided otherwise, waits for nobody.
_WANTED = """
  (a.state = 'open' and exists (select 1 from cases c where c.tenant_id = a.tenant_id and c.id = a.case_id and c.state = 'active')
    and not exists (select 1 from occurrences o where o.tenant_id = a.tenant_id and o.case_id = a.case_id
      and o.step_key = a.step_key and o.number = a.number))
"""
_TYPES = {
    "tenant_id": "text",
    **{field.name: "text" for field in fields(Approval)},
    **dict.fromkeys(("due_at", "requested_at", "decided_at"), "timestamptz"),
    **dict.fromkeys(("number", "version"), "integer"),
}


async def add(ctx: Context, approvals: Sequence[Approval]) -> None:
    """Stores new approvals in one statement; a step is asked about once, so a second row of its number fails."""
    rows = [(ctx.tenant_id, *(getattr(one, field.name) for field in fields(Approval))) for one in approvals]
    await insert_rows(sql(ctx), "step_approvals", _TYPES, rows)


async def facts_of(ctx: Context, case_ids: Sequence[str]) -> dict[str, dict[tuple[str, int], ApprovalFacts]]:
    """What was said, or has still to be, of the steps of these cases, by case."""
    rows = await sql(ctx).fetch(
        """
        select a.case_id, a.step_key, a.number, a.id, a.state from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select * from step_approvals where tenant_id = $1 and case_id = wanted.id order by step_key, number) a
        """,
        ctx.tenant_id,
        list(case_ids),
    )
    found: dict[str, dict[tuple[str, int], ApprovalFacts]] = defaultdict(dict)
    for row in rows:
        found[row["case_id"]][row["step_key"], row["number"]] = ApprovalFacts(id=row["id"], state=row["state"])
    return found


async def get(ctx: Context, approval_id: str, *, lock: bool = False) -> Approval:
    """One approval; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_APPROVAL} from step_approvals where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        approval_id,
    )
    if row is None:
        raise NotFound.of("approval", approval_id)
    return approval_of(row)


async def is_wanted(ctx: Context, approval_id: str) -> bool:
    """Whether the step still waits for it."""
    wanted: bool = await sql(ctx).fetchval(
        f"select exists (select 1 from step_approvals a where tenant_id = $1 and id = $2 and {_WANTED})",
        ctx.tenant_id,
        approval_id,
    )
    return wanted


async def save(ctx: Context, approval: Approval) -> None:
    """Stores what somebody said."""
    await sql(ctx).execute(
        "update step_approvals set state = $3, decided_by = $4, decided_at = $5, note = $6, version = $7"
        " where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        approval.id,
        approval.state,
        approval.decided_by,
        approval.decided_at,
        approval.note,
        approval.version,
    )


async def page(
    ctx: Context, request: PageRequest, state: ApprovalState | None, case_id: str | None, customer_id: str | None
) -> list[Any]:
    """Rows of a page in the order of asking, one more than wanted; open ones only if they can still be decided."""
    return await sql(ctx).fetch(
        f"select {_APPROVAL} from step_approvals a where tenant_id = $1 and ($2::text is null or id > $2)"
        f" and ($3::text is null or state = $3) and ($3 is distinct from 'open' or {_WANTED}) and ($4::text is null or case_id = $4)"
        " and ($5::text is null or customer_id = $5) order by id limit $6",
        ctx.tenant_id,
        request.after,
        state,
        case_id,
        customer_id,
        request.limit + 1,
    )


def approval_of(row: Any) -> Approval:
    """An approval from its row."""
    return Approval(**dict(row))
