"""What becomes of a running case when the settings of its receivable change, in the transaction of that change."""

from __future__ import annotations

from dataclasses import replace

from domain.dunning import case_members, case_store, plan_store
from domain.dunning.case_facts import gather_for
from domain.dunning.opening import open_cases
from domain.dunning.rules.decide import decide
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context


async def change_plan(ctx: Context, receivable_id: str, plan_id: str | None) -> None:
    """A case that has not acted yet gets the published version of this plan, or of the default one.

    One that has acted keeps its plan, and so does any if there is no default. A receivable that its account's case stands for leaves
    that for a plan of its own; one that once had a case of its own keeps that, and follows each plan by its own due date.
    """
    if plan_id is not None:
        await case_members.leave(ctx, receivable_id)
    case = await case_store.lock_of_receivable(ctx, receivable_id)
    if case is None or case.state != "active" or await case_store.has_acted(ctx, case.id):
        return
    plan = await (plan_store.get(ctx, plan_id) if plan_id else plan_store.find_default(ctx))
    if plan is None or plan.published_version is None or plan.id == case.plan_id:
        return
    changed = replace(
        case,
        plan_id=plan.id,
        plan_version_id=plan.published_version.id,
        combined=plan.published_version.options.combine,
        version=case.version + 1,
    )
    await case_store.change_plan(ctx, changed)
    emit(ctx, NewEvent("case.reassigned", case.id, {"case": changed}))


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
    decision = decide(ladder.steps, facts, ctx.now(), ladder.options)
    is_due = bool(decision.steps or decision.asks) or decision.state != "active"
    changed = replace(
        case,
        next_action_at=ctx.now() if is_due else decision.next_action_at,
        deferred_reasons=[] if is_due else list(decision.deferred_reasons),
    )
    if changed != case:
        await case_store.save(ctx, [replace(changed, version=case.version + 1)])
