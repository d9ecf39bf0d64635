"""When the cases of a batch are looked at first, and on which day those begin whose debts are old already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.dunning.rules.entering import PER_DAY, entered, entry_of, is_old, places
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.schedule import Pending, first_look, instant_of_step
from domain.kernel.context import Context
from domain.storage.transaction import sql


@dataclass(frozen=True, slots=True)
class Entering:
    """When the engine looks at a new case for the first time, and the customer's day on which it begins if its debt is old."""

    first_at: datetime | None
    on: date | None


async def entries(ctx: Context, rows: Sequence[Any], ladders: Mapping[str, Ladder]) -> dict[str, Entering]:
    """How each of these receivables enters its plan, by receivable.

    Old is what is past a step that counts from the due date. Old debts enter in the order of their due dates, as many a day and plan
    as the plan says. The caller holds the tenant's turn: the places of a day are counted, not reserved. Without old debts nothing is
    asked.
    """
    now, old = ctx.now(), defaultdict(list)
    by_due_date = {row["id"]: _by_due_date(ladders[row["plan_version_id"]], row) for row in rows}
    for row in rows:
        if is_old(by_due_date[row["id"]], row["due_on"], now, row["time_zone"]):
            old[row["plan_id"]].append(row)
    days = await _days(ctx, old, ladders) if old else {}
    found = {}
    for row in rows:
        on, ladder = days.get(row["id"]), ladders[row["plan_version_id"]]
        found[row["id"]] = Entering(_first_at(by_due_date[row["id"]], on, row, ladder, now), on)
    return found


def _by_due_date(ladder: Ladder, row: Any) -> list[Pending]:
    counted = (step for step in ladder.steps if step.relative_to == "due_date")
    instants = ((instant_of_step(step, row["due_on"], row["time_zone"], row["grace_days"]), step) for step in counted)
    return sorted(instants, key=lambda pair: pair[0])


async def _days(ctx: Context, old: Mapping[str, list[Any]], ladders: Mapping[str, Ladder]) -> dict[str, date]:
    taken = await _taken(ctx, list(old))
    days: dict[str, date] = {}
    for plan_id, rows in old.items():
        rows.sort(key=lambda row: (row["due_on"], row["id"]))
        per_day = ladders[rows[0]["plan_version_id"]].options.old_debt.per_day or PER_DAY
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
    by_due_date: Sequence[Pending], on: date | None, row: Any, ladder: Ladder, now: datetime
) -> datetime | None:
    enter_at = ladder.options.old_debt.enter_at
    entry = entry_of(on, now, enter_at, row["time_zone"]) if on is not None else None
    if entry is not None:
        return entered(by_due_date, entry, row["time_zone"])[0][0][0]
    if ladder.options.learn_pay_day:
        return now
    return first_look(ladder.steps, row["due_on"], row["time_zone"], row["grace_days"], now)
