"""How customers behave: on which day they pay, and when they were heard of last; read only for plans that go by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from domain.dunning.facts_store import Gathered
from domain.dunning.model import Case
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.pay_day import PayDay, pay_day_of
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.storage.transaction import sql

_LEARNT_FROM = timedelta(days=365)


async def with_behaviour(
    ctx: Context, cases: Sequence[Case], ladders: Mapping[str, Ladder], gathered: Mapping[str, Gathered]
) -> dict[str, Gathered]:
    """The facts with the pay day of those customers whose plans learn it, and when those were heard of whose plans mind silence."""
    options = {case.id: ladders[case.plan_version_id].options for case in cases}
    learning = [case for case in cases if options[case.id].learn_pay_day]
    minding = [case for case in cases if options[case.id].raise_when_no_reply_days is not None]
    pay_days = await _pay_days(ctx, learning)
    heard = await _heard_at(ctx, minding)
    found = dict(gathered)
    for case in learning:
        if (day := pay_days.get(case.customer_id)) is not None:
            known = found[case.id]
            pay_day = PayDay(day, _known_since(case, known))
            found[case.id] = replace(known, facts=replace(known.facts, pay_day=pay_day))
    for case in minding:
        known = found[case.id]
        found[case.id] = replace(known, facts=replace(known.facts, heard_at=heard.get(case.customer_id)))
    return found


def _known_since(case: Case, known: Gathered) -> date:
    """Where the customer lives, the day from which on anything could be said of this debt."""
    opened_at = case.round_started_at or case.opened_at
    return max(local_date(opened_at, known.facts.time_zone), known.issued_on)


async def _pay_days(ctx: Context, cases: Sequence[Case]) -> dict[str, int]:
    """The pay day of each customer who has one, by the payments of a year that were not taken back."""
    if not cases:
        return {}
    rows = await sql(ctx).fetch(
        """
        select wanted.id as customer_id, p.days from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select array_agg(distinct received_on) as days from payments
          where tenant_id = $1 and customer_id = wanted.id and received_on > $3 and received_on <= $4 and state = 'recorded') p
        """,
        ctx.tenant_id,
        list({case.customer_id for case in cases}),
        ctx.today() - _LEARNT_FROM,
        ctx.today(),
    )
    found = {row["customer_id"]: pay_day_of(frozenset(row["days"] or ())) for row in rows}
    return {customer_id: day for customer_id, day in found.items() if day is not None}


async def _heard_at(ctx: Context, cases: Sequence[Case]) -> dict[str, datetime]:
    """When each customer last answered a notice, paid, contested something, or was reached by somebody."""
    if not cases:
        return {}
    rows = await sql(ctx).fetch(
        """
        select wanted.id as customer_id, greatest(
          (select max(replied_at) from notices where tenant_id = $1 and customer_id = wanted.id),
          (select max(created_at) from payments where tenant_id = $1 and customer_id = wanted.id and state = 'recorded'),
          (select max(created_at) from disputes where tenant_id = $1 and customer_id = wanted.id),
          (select max(occurred_at) from activities where tenant_id = $1 and customer_id = wanted.id
            and outcome in ('reached', 'promised', 'refused', 'disputed'))) as heard_at
        from unnest($2::text[]) as wanted(id)
        """,
        ctx.tenant_id,
        list({case.customer_id for case in cases}),
    )
    return {row["customer_id"]: row["heard_at"] for row in rows if row["heard_at"] is not None}
