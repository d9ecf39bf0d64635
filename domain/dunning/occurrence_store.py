"""Occurrences in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.dunning.model import Occurrence, ShadowEffect
from domain.kernel.context import Context
from domain.kernel.paging import as_json
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

OCCURRENCE_COLUMNS = (
    "id",
    "case_id",
    "step_key",
    "number",
    "due_at",
    "decided_at",
    "outcome",
    "reasons",
    "action",
    "result_id",
    "branch",
    "shadow",
    "anchor_receivable_id",
)
_OCCURRENCE = ", ".join(OCCURRENCE_COLUMNS)

_OCCURRENCE_TYPES = {
    **dict.fromkeys(("tenant_id", "case_id", "step_key"), "text"),
    "number": "integer",
    "id": "text",
    "due_at": "timestamptz",
    "decided_at": "timestamptz",
    "outcome": "text",
    "reasons": "jsonb",
    "action": "text",
    "result_id": "text",
    "branch": "integer",
    "shadow": "jsonb",
    "anchor_receivable_id": "text",
}


async def add(ctx: Context, occurrences: Sequence[Occurrence]) -> None:
    """Stores occurrences in one statement; their key is unique, so a step decided twice fails the whole transaction."""
    rows = [
        (
            ctx.tenant_id,
            o.case_id,
            o.step_key,
            o.number,
            o.id,
            o.due_at,
            o.decided_at,
            o.outcome,
            as_json(o.reasons) if o.reasons else "[]",
            o.action,
            o.notice_id or o.task_id or o.escalation_id or o.charge_id or o.approval_id,
            o.branch,
            as_json(o.shadow) if o.shadow else None,
            o.anchor_receivable_id,
        )
        for o in occurrences
    ]
    await insert_rows(sql(ctx), "occurrences", _OCCURRENCE_TYPES, rows)


async def acted_among(ctx: Context, case_ids: Sequence[str]) -> set[str]:
    """Those of these cases in which any step has been decided; only once they are locked does that stay so."""
    rows = await sql(ctx).fetch(
        "select wanted.id from unnest($2::text[]) as wanted(id)"
        " where exists (select 1 from occurrences where tenant_id = $1 and case_id = wanted.id)",
        ctx.tenant_id,
        list(case_ids),
    )
    return {row["id"] for row in rows}


async def of_case(ctx: Context, case_id: str) -> list[Occurrence]:
    """What became of each step of a case so far, in the order of decision."""
    rows = await sql(ctx).fetch(
        f"select {_OCCURRENCE} from occurrences where tenant_id = $1 and case_id = $2 order by decided_at, id",
        ctx.tenant_id,
        case_id,
    )
    return [occurrence_of(row) for row in rows]


def occurrence_of(row: Any) -> Occurrence:
    """An occurrence from its row."""
    values = dict(row)
    result_id, shadow = values.pop("result_id"), values.pop("shadow")
    told = msgspec.json.decode(shadow, type=ShadowEffect) if shadow else None
    reasons = msgspec.json.decode(values.pop("reasons"))
    return Occurrence(**{**values, "reasons": reasons, "shadow": told, **result_fields(result_id)})


def result_fields(result_id: str | None) -> dict[str, str | None]:
    """What a step made, under the name of its kind: the prefix of the id tells."""
    kind = result_id[:3] if result_id else ""
    return {
        "notice_id": result_id if kind == "ntc" else None,
        "task_id": result_id if kind == "tsk" else None,
        "escalation_id": result_id if kind == "esc" else None,
        "charge_id": result_id if kind == "chg" else None,
        "approval_id": result_id if kind == "apr" else None,
    }
