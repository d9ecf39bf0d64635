"""When the cases of a batch are looked at first, and on which day those begin whose debts are old already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.dunning.rules.entering import PER_DAY, entered, entry_of, is_old, places
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.schedule import Pending, in_order
from domain.dunning.rules.steps import Step
from domain.kernel.context import Context
from domain.storage.transaction import sql


@dataclass(frozen=True, slots=True)
class Entering:
    """When the engine looks at a new case for the first time, and the customer's day on which it begins if its debt is old."""

    first_at: datetime | None
    on: date | None


async def entries(
    ctx: Context, rows: Sequence[Any], steps: Mapping[str, Sequence[Step]], options: Mapping[str, PlanOptions]
) -> dict[str, Entering]:
    """How each of these receivables enters its plan, by receivable.

    Old debts enter in the order of their due dates, as many a day and plan as the plan says. The caller holds the tenant's turn: the
    places of a day are counted, not reserved. Without old debts nothing is asked.
    """
    now, ladders, old = ctx.now(), {}, defaultdict(list)
    for row in rows:
        ladder = in_order(steps[row["plan_version_id"]], row["due_on"], row["time_zone"], row["grace_days"])
        ladders[row["id"]] = ladder
        if is_old(ladder, row["due_on"], now, row["time_zone"]):
            old[row["plan_id"]].append(row)
    days = await _days(ctx, old, options) if old else {}
    return {
        row["id"]: Entering(_first_at(ladders[row["id"]], days[row["id"]], row, options, now), days[row["id"]])
        if row["id"] in days
        else Entering(ladders[row["id"]][0][0] if ladders[row["id"]] else None, None)
        for row in rows
    }


async def _days(ctx: Context, old: Mapping[str, list[Any]], options: Mapping[str, PlanOptions]) -> dict[str, date]:
    taken = await _taken(ctx, list(old))
    days: dict[str, date] = {}
    for plan_id, rows in old.items():
        rows.sort(key=lambda row: (row["due_on"], row["id"]))
        per_day = options[rows[0]["plan_version_id"]].old_debt.per_day or PER_DAY
        found = places(len(rows), taken.get(plan_id, {}), per_day, ctx.today())
        days |= {row["id"]: day for row, day in zip(rows, found, strict=True)}
    return days


async def _taken(ctx: Context, plan_ids: list[str]) -> dict[str, dict[date, int]]:
    """How many cases enter each plan on each day from today on."""
    rows = await sql(ctx).fetch(
        "select plan_id, enters_on, count(*) as entering from cases"
        " where tenant_id = $1 and plan_id = any($2) and enters_on >= $3 group by plan_id, enters_on",
        ctx.tenant_id,
        plan_ids,
        ctx.today(),
    )
    taken: dict[str, dict[date, int]] = defaultdict(dict)
    for row in rows:
        taken[row["plan_id"]][row["enters_on"]] = row["entering"]
    return taken


def _first_at(
    ladder: Sequence[Pending], on: date, row: Any, options: Mapping[str, PlanOptions], now: datetime
) -> datetime:
    entry = entry_of(on, now, options[row["plan_version_id"]].old_debt.enter_at, row["time_zone"])
    if entry is None:
        return ladder[0][0]
    return entered(ladder, entry, row["time_zone"])[0][0][0]
