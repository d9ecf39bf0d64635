"""Opens cases: for the receivables that are named, or for all that have none, with a bounded number in each statement."""

from __future__ import annotations

from collections.abc import Sequence

from domain.dunning import case_store, plan_store
from domain.dunning.assigning import plans_for
from domain.dunning.assigning_store import is_chosen_by_rule
from domain.dunning.model import Case
from domain.dunning.query_plans import look_up_by_index
from domain.dunning.rules.schedule import first_look
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.storage.transaction import sql, transaction

_CHUNK = 2000
_WITHOUT_CASE = """
  select r.id, r.customer_id, r.due_on, coalesce(c.time_zone, $2) as time_zone, coalesce(s.grace_days, 0) as grace_days
  from unnest($3::text[]) as wanted(id)
  cross join lateral (
    select id, customer_id, due_on from receivables where tenant_id = $1 and id = wanted.id and open_amount > 0 limit 1) r
  cross join lateral (select time_zone from customers where tenant_id = $1 and id = r.customer_id limit 1) c
  left join lateral (select true as found from cases where tenant_id = $1 and receivable_id = r.id limit 1) k on true
  left join lateral (
    select grace_days from reminder_settings where tenant_id = $1 and receivable_id = r.id limit 1) s on true
  where k.found is null
"""


async def wait_for_turn(ctx: Context) -> None:
    """Of all transactions that react for a tenant, one works at a time; the lock ends with the transaction."""
    await look_up_by_index(ctx)
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
    emit(ctx, *[_opened(case_store.case_of(row)) for row in rows])


async def _open(ctx: Context, receivable_ids: Sequence[str]) -> None:
    now = ctx.now()
    rows = await sql(ctx).fetch(_WITHOUT_CASE, ctx.tenant_id, ctx.time_zone, list(receivable_ids))
    assigned = await plans_for(ctx, [row["id"] for row in rows])
    rows = [row for row in rows if row["id"] in assigned]
    steps = await plan_store.steps_of(ctx, {plan.plan_version_id for plan in assigned.values()})
    cases = [
        Case(
            id=new_id("cas"),
            receivable_id=row["id"],
            customer_id=row["customer_id"],
            plan_id=assigned[row["id"]].plan_id,
            plan_version_id=assigned[row["id"]].plan_version_id,
            state="active",
            close_reason=None,
            next_action_at=first_look(
                steps[assigned[row["id"]].plan_version_id], row["due_on"], row["time_zone"], row["grace_days"], now
            ),
            deferred_reasons=[],
            opened_at=now,
            closed_at=None,
            version=1,
        )
        for row in rows
    ]
    await case_store.add(ctx, cases)
    emit(ctx, *[_opened(case) for case in cases])


def _opened(case: Case) -> NewEvent:
    return NewEvent("case.opened", case.id, {"case": case})
