"""The use case that says why a receivable is, or is not, being reminded of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.collections.hold_model import WITHOUT_END
from domain.dunning import occurrence_store
from domain.dunning.assigning_model import EffectivePlan
from domain.dunning.case_members import standing_for
from domain.dunning.effective_plans import effective_plan
from domain.dunning.model import Case
from domain.dunning.outlook import Prospect, look_ahead
from domain.dunning.rules.branching import STOPPED
from domain.dunning.rules.projection import Wait
from domain.dunning.rules.standing import next_expected, stands_against
from domain.dunning.rules.waiting import ON_HOLD
from domain.dunning.telling import Manner, blocker, future_steps, past_steps
from domain.dunning.timeline_model import FutureStep, ReceivableExplanation
from domain.kernel.context import Context
from domain.kernel.usecase import use_case
from domain.storage.query_plans import look_up_by_index
from domain.storage.transaction import reading, sql

NO_PLAN = "no_plan"
PLAN_DOES_NOTHING = "plan_does_nothing"
CASE_NOT_OPENED = "case_not_opened"
TENANT_NOT_ACTIVE = "tenant_not_active"
ESCALATED = "escalated"


@use_case("cases:read")
async def explain_receivable(
    ctx: Context, receivable_id: str, *, texts: bool = False, locale: str | None = None
) -> ReceivableExplanation:
    """By which plan a receivable is reminded, what comes next and when, and everything that is in the way; raises NotFound.

    With `texts` what the next step would say; codes are told in words of `locale`, without one in the tenant's.
    """
    manner = Manner(locale=locale or ctx.locale, texts=texts)
    async with reading(ctx):
        await look_up_by_index(ctx)
        plan = await effective_plan(ctx, receivable_id)
        case = await standing_for(ctx, receivable_id)
        prospect = None if case is None else await look_ahead(ctx, case)
        occurrences = [] if case is None else await occurrence_store.of_case(ctx, case.id)
        past = await past_steps(ctx, occurrences[-1:], manner)
        future = [] if prospect is None else await future_steps(ctx, prospect, manner)
        own = await _own_waits(ctx, receivable_id)
    found = {wait.code: blocker(wait, manner.locale) for wait in (*own, *_waits(plan, prospect, ctx.now()))}
    following = _next(prospect, future)
    for one in following.blockers if following is not None else ():
        found.setdefault(one.code, one)
    return ReceivableExplanation(
        receivable_id=receivable_id,
        customer_id=plan.customer_id,
        plan=plan,
        case=case,
        last_step=past[0] if past else None,
        next_step=following,
        eligible_from=following.expected_at if following is not None else None,
        is_allowed=not found,
        blockers=list(found.values()),
    )


async def _own_waits(ctx: Context, receivable_id: str) -> list[Wait]:
    """What is in the way of the receivable itself, whatever becomes of the case that stands for it, and of the tenant as a whole."""
    row = await sql(ctx).fetchrow(
        "select r.status, r.open_amount, r.held_until, t.status as tenant_status from receivables r"
        " join tenants t on t.id = r.tenant_id where r.tenant_id = $1 and r.id = $2",
        ctx.tenant_id,
        receivable_id,
    )
    assert row is not None
    found = [] if row["tenant_status"] == "active" else [Wait(TENANT_NOT_ACTIVE)]
    if not row["open_amount"]:
        found.append(Wait(row["status"] if row["status"] in ("written_off", "cancelled") else "paid"))
    elif row["held_until"] is not None and row["held_until"] > ctx.now():
        found.append(Wait(ON_HOLD, None if row["held_until"] == WITHOUT_END else row["held_until"]))
    return found


def _waits(plan: EffectivePlan, prospect: Prospect | None, now: datetime) -> Iterator[Wait]:
    """What is in the way of the case, or of there being one."""
    if prospect is None:
        yield Wait(_without_case(plan))
        return
    case = prospect.case
    if case.state == "escalated":
        yield Wait(ESCALATED)
    elif case.state == "closed":
        yield Wait(case.close_reason or STOPPED)
    elif not prospect.ladder.steps:
        yield Wait(PLAN_DOES_NOTHING)
    else:
        yield from map(Wait, prospect.control.reasons)
        yield from stands_against(prospect.gathered.facts, prospect.outlook, prospect.ladder.options, now)
        yield from _deferred(case)


def _deferred(case: Case) -> Iterator[Wait]:
    """What the engine found in the way when it looked last."""
    yield from (Wait(code, case.deferred_until) for code in case.deferred_reasons)


def _without_case(plan: EffectivePlan) -> str:
    if plan.winner.source == "none":
        return NO_PLAN
    return PLAN_DOES_NOTHING if plan.winner.does_nothing else CASE_NOT_OPENED


def _next(prospect: Prospect | None, future: list[FutureStep]) -> FutureStep | None:
    upcoming = None if prospect is None else next_expected(prospect.outlook)
    return None if upcoming is None else next(one for one in future if one.step_key == upcoming.decided.step.key)
