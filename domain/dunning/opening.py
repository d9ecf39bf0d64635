"""Opens cases: for the receivables that are named, or for all that have none, with a bounded number in each statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.dunning import case_members, case_store, plan_store
from domain.dunning.assigning import Assigned, plans_for
from domain.dunning.assigning_store import is_chosen_by_rule
from domain.dunning.case_members import Joining
from domain.dunning.entries import Entering, entries
from domain.dunning.model import Case
from domain.dunning.rules.options import Anchor
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.storage.query_plans import look_up_by_index, plan_for_the_size_of_now
from domain.storage.transaction import sql, transaction

_CHUNK = 2000
_WITHOUT_CASE = """
  select r.id, r.customer_id, r.currency, r.due_on, coalesce(c.time_zone, $2) as time_zone, coalesce(s.grace_days, 0) as grace_days
  from unnest($3::text[]) as wanted(id)
  cross join lateral (
    select id, customer_id, currency, due_on from receivables where tenant_id = $1 and id = wanted.id and open_amount > 0 limit 1) r
  cross join lateral (select time_zone from customers where tenant_id = $1 and id = r.customer_id limit 1) c
  left join lateral (select true as found from cases where tenant_id = $1 and receivable_id = r.id limit 1) k on true
  left join lateral (
    select true as found from case_receivables where tenant_id = $1 and receivable_id = r.id limit 1) m on true
  left join lateral (
    select grace_days from reminder_settings where tenant_id = $1 and receivable_id = r.id limit 1) s on true
  where k.found is null and m.found is null
"""


async def wait_for_turn(ctx: Context) -> None:
    """Of all transactions that react for a tenant, one works at a time; the lock ends with the transaction."""
    await look_up_by_index(ctx)
    await plan_for_the_size_of_now(ctx)
    await sql(ctx).execute("select pg_advisory_xact_lock(hashtextextended('dunning:' || $1, 0))", ctx.tenant_id)


async def open_cases(ctx: Context, receivable_ids: Sequence[str]) -> None:
    """Opens a case for each of these receivables that has none and is open, if a plan applies to it."""
    if receivable_ids:
        await _open(ctx, receivable_ids)


async def open_for_all(ctx: Context, plan_id: str) -> None:
    """Opens a case for every open receivable that has none, a chunk in each transaction, while a rule may choose the plan."""
    after = ""
    while True:
        async with transaction(ctx):
            await wait_for_turn(ctx)
            if not await is_chosen_by_rule(ctx, plan_id):
                return
            ids = await open_receivables(ctx, after)
            if not ids:
                return
            await _open(ctx, ids)
        after = ids[-1]


async def open_receivables(ctx: Context, after: str) -> list[str]:
    """The next chunk of the receivables on which something is open, behind the id `after`."""
    rows = await sql(ctx).fetch(
        "select id from receivables where tenant_id = $1 and id > $2 and open_amount > 0 order by id limit $3",
        ctx.tenant_id,
        after,
        _CHUNK,
    )
    return [row["id"] for row in rows]


async def reopen_cases(ctx: Context, receivable_ids: Sequence[str]) -> None:
    """Takes up cases again whose receivable was settled and, after a correction, is not any more."""
    if not receivable_ids:
        return
    rows = await sql(ctx).fetch(
        f"""
        update cases set state = 'active', close_reason = null, closed_at = null, next_action_at = $3, version = version + 1
        where tenant_id = $1 and receivable_id = any($2) and state = 'closed'
          and close_reason is distinct from 'stopped'
          and exists (select 1 from receivables r where r.tenant_id = $1 and r.id = cases.receivable_id and r.open_amount > 0)
        returning {case_store.CASE}
        """,
        ctx.tenant_id,
        list(receivable_ids),
        ctx.now(),
    )
    taken_up = await case_members.take_up_again(ctx, receivable_ids)
    emit(ctx, *[_opened(case) for case in (*map(case_store.case_of, rows), *taken_up)])


async def _open(ctx: Context, receivable_ids: Sequence[str]) -> None:
    now = ctx.now()
    found = await sql(ctx).fetch(_WITHOUT_CASE, ctx.tenant_id, ctx.time_zone, list(receivable_ids))
    assigned = await plans_for(ctx, [row["id"] for row in found])
    rows = [_assigned(row, assigned[row["id"]]) for row in found if row["id"] in assigned]
    ladders = await plan_store.ladders_of(ctx, {row["plan_version_id"] for row in rows})
    entering = await entries(ctx, rows, ladders)
    joining, alone = [], []
    for row in rows:
        options = ladders[row["plan_version_id"]].options
        if options.anchor == "receivable" or row["of_its_own"]:
            alone.append(_case(row, entering[row["id"]], now, combined=options.combine))
        else:
            joining.append(_joining(row, options.anchor, entering[row["id"]]))
    await case_store.add(ctx, alone)
    emit(ctx, *[_opened(case) for case in (*alone, *await case_members.join(ctx, joining))])


def _assigned(row: Any, plan: Assigned) -> dict[str, Any]:
    """What is known of a receivable, with the plan that applies to it; `of_its_own` says that the plan was chosen for it alone."""
    of_its_own = plan.source == "receivable"
    return {**row, "plan_id": plan.plan_id, "plan_version_id": plan.plan_version_id, "of_its_own": of_its_own}


def _case(row: Any, entering: Entering, now: datetime, *, combined: bool) -> Case:
    return Case(
        id=new_id("cas"),
        receivable_id=row["id"],
        customer_id=row["customer_id"],
        plan_id=row["plan_id"],
        plan_version_id=row["plan_version_id"],
        state="active",
        close_reason=None,
        next_action_at=entering.first_at,
        deferred_reasons=[],
        opened_at=now,
        closed_at=None,
        version=1,
        enters_on=entering.on,
        combined=combined,
    )


def _joining(row: Any, anchor: Anchor, entering: Entering) -> Joining:
    return Joining(
        receivable_id=row["id"],
        customer_id=row["customer_id"],
        currency=row["currency"],
        plan_id=row["plan_id"],
        plan_version_id=row["plan_version_id"],
        anchor=anchor,
        enters_on=entering.on,
    )


def _opened(case: Case) -> NewEvent:
    return NewEvent("case.opened", case.id, {"case": case})
