"""What becomes of running cases when what they go by changes, in the transaction of that change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.dunning import case_store, plan_store
from domain.dunning.assigning import plans_for
from domain.dunning.facts_store import gather
from domain.dunning.opening import open_cases
from domain.dunning.rules.decide import decide
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context


async def follow_plans(ctx: Context, receivable_ids: Sequence[str]) -> None:
    """Cases of these receivables that have not acted yet get the plan that applies now; the engine looks at them at once.

    One that has acted keeps its plan, and so does any to which no plan applies, or still the same.
    """
    locked = await case_store.lock_active(ctx, receivable_ids)
    acted = await case_store.acted_among(ctx, [case.id for case in locked])
    cases = [case for case in locked if case.id not in acted]
    assigned = await plans_for(ctx, [case.receivable_id for case in cases])
    changed = [
        replace(
            case,
            plan_id=plan.plan_id,
            plan_version_id=plan.plan_version_id,
            next_action_at=ctx.now(),
            version=case.version + 1,
        )
        for case in cases
        if (plan := assigned.get(case.receivable_id)) is not None and plan.plan_id != case.plan_id
    ]
    await case_store.change_plans(ctx, changed)
    emit(ctx, *[NewEvent("case.reassigned", case.id, {"case": case}) for case in changed])


async def reschedule(ctx: Context, receivable_id: str) -> None:
    """When the engine looks at the running case next, by the facts as they are now; opens the case if there is none yet.

    Nothing is done here: what is due already is left to the engine, at once.
    """
    case = await case_store.lock_of_receivable(ctx, receivable_id)
    if case is None:
        await open_cases(ctx, [receivable_id])
        return
    if case.state != "active":
        return
    facts = (await gather(ctx, [case]))[case.id].facts
    steps = (await plan_store.steps_of(ctx, {case.plan_version_id}))[case.plan_version_id]
    decision = decide(steps, facts, ctx.now())
    is_due = bool(decision.steps) or decision.state != "active"
    changed = replace(
        case,
        next_action_at=ctx.now() if is_due else decision.next_action_at,
        deferred_reasons=[] if is_due else list(decision.deferred_reasons),
    )
    if changed != case:
        await case_store.save(ctx, [replace(changed, version=case.version + 1)])
