"""Runs and their items in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from asyncpg import UniqueViolationError

from domain.dunning.run_model import CodeCount, ReminderRun, ReminderRunItem, ReminderRunReport, RunItemState
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.storage.transaction import sql

_STATE = "case when i.state = 'proposed' and n.state <> 'proposed' then 'withdrawn' else i.state end"
_NOTICE = "join notices n on n.tenant_id = i.tenant_id and n.id = i.notice_id"
_COUNTED = ", ".join(
    f"coalesce(c.{state}, 0) as {state}_count" for state in ("proposed", "excluded", "released", "withdrawn")
)
_RUN = f"""
  select r.id, r.plan_id, r.state, {_COUNTED}, r.opened_by, r.opened_at, r.ended_at, r.version
  from reminder_runs r
  left join lateral (
    select count(*) filter (where s = 'proposed') as proposed, count(*) filter (where s = 'excluded') as excluded,
      count(*) filter (where s = 'released') as released, count(*) filter (where s = 'withdrawn') as withdrawn
    from (select {_STATE} as s from reminder_run_items i {_NOTICE} where i.tenant_id = r.tenant_id and i.run_id = r.id) states) c
    on true
  where r.tenant_id = $1
"""
_ITEM = f"""
  select i.notice_id, i.customer_id, n.receivable_id, n.case_id, n.step_key, n.channel, n.open_amount, n.disputed_amount, n.currency,
    {_STATE} as state, case when n.state in ('cancelled', 'failed', 'bounced', 'unknown') then n.reason end as code, i.reason,
    n.state as notice_state, i.changed_by, i.changed_at
  from reminder_run_items i {_NOTICE} where i.tenant_id = $1 and i.run_id = $2
"""
_ON_THE_WAY = ("queued", "sending", "awaiting_confirmation")
_SKIPPED = ("cancelled", "failed", "unknown")


async def open_run(ctx: Context, run_id: str, plan_id: str | None) -> int:
    """Opens a run with all that is proposed; how many notices that are. Raises Conflict (`run_is_open`)."""
    try:
        await sql(ctx).execute(
            "insert into reminder_runs (tenant_id, id, plan_id, state, opened_by, opened_at, version)"
            " values ($1, $2, $3, 'open', $4, $5, 1)",
            *(ctx.tenant_id, run_id, plan_id, ctx.actor.id, ctx.now()),
        )
    except UniqueViolationError as taken:
        raise Conflict("run_is_open", "There is an open run; release or cancel it first.") from taken
    collected: int = await sql(ctx).fetchval(
        """
        with added as (
          insert into reminder_run_items (tenant_id, run_id, notice_id, customer_id, state)
          select n.tenant_id, $2, n.id, n.customer_id, 'proposed' from notices n
          where n.tenant_id = $1 and n.state = 'proposed' and ($3::text is null or exists (
            select 1 from cases k where k.tenant_id = n.tenant_id and k.id = n.case_id and k.plan_id = $3))
          returning 1)
        select count(*) from added
        """,
        ctx.tenant_id,
        run_id,
        plan_id,
    )
    return collected


async def get(ctx: Context, run_id: str) -> ReminderRun:
    """One run; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_RUN} and r.id = $2", ctx.tenant_id, run_id)
    if row is None:
        raise NotFound.of("reminder_run", run_id)
    return run_of(row)


async def lock(ctx: Context, run_id: str) -> ReminderRun:
    """One run, locked until the commit; raises NotFound."""
    await sql(ctx).execute(
        "select 1 from reminder_runs where tenant_id = $1 and id = $2 for no key update", ctx.tenant_id, run_id
    )
    return await get(ctx, run_id)


async def touch(ctx: Context, run: ReminderRun, state: str) -> None:
    """Stores in which state the run is after a change."""
    await sql(ctx).execute(
        "update reminder_runs set state = $3, ended_at = $4, version = $5 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        run.id,
        state,
        None if state == "open" else ctx.now(),
        run.version + 1,
    )


async def left_of(ctx: Context, run_id: str, notice_ids: Sequence[str] | None) -> list[str]:
    """The notices of a run that nobody has decided about, all or those of `notice_ids`."""
    rows = await sql(ctx).fetch(
        f"select i.notice_id from reminder_run_items i {_NOTICE} where i.tenant_id = $1 and i.run_id = $2"
        " and i.state = 'proposed' and n.state = 'proposed' and ($3::text[] is null or i.notice_id = any($3)) order by 1",
        ctx.tenant_id,
        run_id,
        None if notice_ids is None else list(notice_ids),
    )
    return [row["notice_id"] for row in rows]


async def members_of(ctx: Context, run_id: str, notice_ids: Sequence[str]) -> set[str]:
    """Those of `notice_ids` that are in the run."""
    rows = await sql(ctx).fetch(
        "select notice_id from reminder_run_items where tenant_id = $1 and run_id = $2 and notice_id = any($3)",
        ctx.tenant_id,
        run_id,
        list(notice_ids),
    )
    return {row["notice_id"] for row in rows}


async def mark(ctx: Context, run_id: str, notice_ids: set[str], state: RunItemState, reason: str | None = None) -> None:
    """Notes what was decided about items, and by whom."""
    await sql(ctx).execute(
        "update reminder_run_items set state = $4, reason = $5, changed_by = $6, changed_at = $7"
        " where tenant_id = $1 and run_id = $2 and notice_id = any($3)",
        *(ctx.tenant_id, run_id, list(notice_ids), state, reason, ctx.actor.id, ctx.now()),
    )


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of opening, one more than asked for."""
    return await sql(ctx).fetch(
        f"{_RUN} and ($2::text is null or r.id > $2) order by r.id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def page_of_items(ctx: Context, run_id: str, request: PageRequest, state: RunItemState | None) -> list[Any]:
    """Rows of a page in the order in which the notices were written, one more than asked for."""
    return await sql(ctx).fetch(
        f"{_ITEM} and ($3::text is null or i.notice_id > $3) and ($4::text is null or {_STATE} = $4)"
        " order by i.notice_id limit $5",
        ctx.tenant_id,
        run_id,
        request.after,
        state,
        request.limit + 1,
    )


async def report(ctx: Context, run: ReminderRun) -> ReminderRunReport:
    """What became of everything in a run."""
    rows = await sql(ctx).fetch(
        f"select {_STATE} as state, n.state as notice_state, coalesce(n.reason, n.state) as code, count(*) as count"
        f" from reminder_run_items i {_NOTICE} where i.tenant_id = $1 and i.run_id = $2 group by 1, 2, 3",
        ctx.tenant_id,
        run.id,
    )
    released = [row for row in rows if row["state"] == "released"]
    skipped = [row for row in released if row["notice_state"] in _SKIPPED]
    on_the_way = sum(row["count"] for row in released if row["notice_state"] in _ON_THE_WAY)
    total, not_sent = sum(row["count"] for row in released), sum(row["count"] for row in skipped)
    withdrawn = [row for row in rows if row["state"] == "withdrawn"]
    return ReminderRunReport(
        run_id=run.id,
        state=run.state,
        released_count=total,
        sent_count=total - on_the_way - not_sent,
        on_the_way_count=on_the_way,
        skipped_count=not_sent,
        skipped=_by_code(skipped),
        excluded_count=sum(row["count"] for row in rows if row["state"] == "excluded"),
        withdrawn_count=sum(row["count"] for row in withdrawn),
        withdrawn=_by_code(withdrawn),
        left_count=sum(row["count"] for row in rows if row["state"] == "proposed"),
    )


def run_of(row: Any) -> ReminderRun:
    """A run from its row."""
    return ReminderRun(**dict(row))


def item_of(row: Any) -> ReminderRunItem:
    """An item from its row."""
    values = dict(row)
    currency = values.pop("currency")
    for name in ("open_amount", "disputed_amount"):
        values[name] = Money(values[name], currency)
    return ReminderRunItem(**values)


def _by_code(rows: Sequence[Any]) -> list[CodeCount]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["code"]] += row["count"]
    return [CodeCount(code=code, count=count) for code, count in sorted(counts.items())]
