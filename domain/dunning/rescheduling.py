"""What becomes of running cases when what they go by changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.dunning import case_members, case_store, occurrence_store, plan_store
from domain.dunning.assigning import plans_for
from domain.dunning.case_facts import gather_for
from domain.dunning.contact_gates import waited_of
from domain.dunning.control_store import controls_of
from domain.dunning.model import Case
from domain.dunning.opening import open_cases, open_receivables, wait_for_turn
from domain.dunning.rules.control import decide_under
from domain.dunning.rules.decide import Decision
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.storage.transaction import sql, transaction

_CHUNK = 2000


async def follow_plans(ctx: Context, receivable_ids: Sequence[str]) -> None:
    """Cases of these receivables that have not acted yet get the plan that applies now; the engine looks at them at once.

    One that has acted keeps its plan, and so does any to which no plan applies, or still the same. A receivable that its account's
    case stands for leaves that for a plan of its own; one that once had a case of its own keeps that, and follows each plan by its own
    due date.
    """
    await _leave_accounts(ctx, receivable_ids)
    locked = await case_store.lock_active(ctx, receivable_ids)
    acted = await occurrence_store.acted_among(ctx, [case.id for case in locked])
    cases = [case for case in locked if case.id not in acted]
    assigned = await plans_for(ctx, [case.receivable_id for case in cases if case.receivable_id])
    ladders = await plan_store.ladders_of(ctx, {plan.plan_version_id for plan in assigned.values()})
    changed = [
        replace(
            case,
            plan_id=plan.plan_id,
            plan_version_id=plan.plan_version_id,
            combined=ladders[plan.plan_version_id].options.combine,
            next_action_at=ctx.now(),
            version=case.version + 1,
        )
        for case in cases
        if (plan := assigned.get(case.receivable_id or "")) is not None and plan.plan_id != case.plan_id
    ]
    await case_store.change_plans(ctx, changed)
    emit(ctx, *[NewEvent("case.reassigned", case.id, {"case": case}) for case in changed])


async def _leave_accounts(ctx: Context, receivable_ids: Sequence[str]) -> None:
    """Those of these receivables that have a plan of their own, and stand in an account's case, get a case of their own."""
    among = await case_members.among(ctx, receivable_ids)
    own = [one for one, plan in (await plans_for(ctx, among)).items() if plan.source == "receivable"]
    await case_members.leave(ctx, own)
    await open_cases(ctx, own)


async def follow_plans_of_customer(ctx: Context, customer_id: str) -> None:
    """As `follow_plans` for all that a customer owes; what has no case yet gets one if a plan applies to it now."""
    rows = await sql(ctx).fetch(
        "select id from receivables where tenant_id = $1 and customer_id = $2 and open_amount > 0",
        ctx.tenant_id,
        customer_id,
    )
    for first in range(0, len(rows), _CHUNK):
        ids = [row["id"] for row in rows[first : first + _CHUNK]]
        await open_cases(ctx, ids)
        await follow_plans(ctx, ids)


async def follow_plans_of_all(ctx: Context) -> None:
    """As `follow_plans_of_customer` for everybody, a chunk in each transaction; doing a chunk again changes nothing."""
    after: str | None = ""
    while after is not None:
        async with transaction(ctx):
            await wait_for_turn(ctx)
            ids = await open_receivables(ctx, after)
            await open_cases(ctx, ids)
            await follow_plans(ctx, ids)
        after = ids[-1] if ids else None


async def reschedule(ctx: Context, receivable_id: str) -> None:
    """When the engine looks at the running case next, by the facts as they are now; opens the case if there is none yet.

    Nothing is done here: what is due already is left to the engine, at once.
    """
    case = await case_store.lock_of_receivable(ctx, receivable_id)
    if case is None:
        if not await case_members.wake(ctx, [receivable_id]):
            await open_cases(ctx, [receivable_id])
        return
    if case.state != "active":
        return
    ladders = await plan_store.ladders_of(ctx, {case.plan_version_id})
    facts, ladder = (await gather_for(ctx, [case], ladders))[case.id].facts, ladders[case.plan_version_id]
    control = (await controls_of(ctx, {case.plan_id}))[case.plan_id]
    decision = decide_under(control, ladder, facts, ctx.now(), waited_of(case))
    is_due = bool(decision.steps or decision.asks) or decision.state != "active"
    changed = _due_now(case, ctx.now()) if is_due else _waiting(case, decision)
    if changed != case:
        await case_store.save(ctx, [replace(changed, version=case.version + 1)])


def _due_now(case: Case, now: datetime) -> Case:
    """Looked at by the engine at once; it wants to know which step the contact policy has made wait."""
    if case.deferred_step is not None:
        return replace(case, next_action_at=now)
    return replace(case, next_action_at=now, deferred_reasons=[], deferred_until=None)


def _waiting(case: Case, decision: Decision) -> Case:
    return replace(
        case,
        next_action_at=decision.next_action_at,
        deferred_reasons=list(decision.deferred_reasons),
        deferred_until=decision.deferred_until,
        deferred_step=decision.deferred_step,
    )
