"""How the plans of a batch are run, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection

from domain.dunning.rules.control import PlanControl
from domain.kernel.context import Context
from domain.storage.transaction import sql

_CONTROLS = "select id, mode, paused_at, release from reminder_plans where tenant_id = $1 and id = any($2)"


async def controls_of(ctx: Context, plan_ids: Collection[str], *, only_reading: bool = False) -> dict[str, PlanControl]:
    """How each of these plans is run.

    What a paused plan, or one that is only tried, keeps back is stored before it is resumed or goes live, so that waking finds it: those
    rows are read again and locked to be shared, unless nothing is going to be stored (`only_reading`). Live plans are not locked, so
    engines do not meet there.
    """
    wanted = sorted(plan_ids)
    rows = await sql(ctx).fetch(_CONTROLS, ctx.tenant_id, wanted)
    if not only_reading and any(row["paused_at"] is not None or row["mode"] == "shadow" for row in rows):
        rows = await sql(ctx).fetch(f"{_CONTROLS} order by id for share", ctx.tenant_id, wanted)
    return {
        row["id"]: PlanControl(mode=row["mode"], is_paused=row["paused_at"] is not None, release=row["release"])
        for row in rows
    }
