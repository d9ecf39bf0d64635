"""Use cases that stop a plan and let it go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.dunning import plan_store as store
from domain.dunning.model import ReminderPlan
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.audit_chain import audited
from domain.storage.tenancy import wait_for_sends
from domain.storage.transaction import sql, transaction

_CHUNK = 2000
_PAUSED = "deferred_reasons @> '[\"plan_paused\"]'"
_IDLE = "state = 'active' and next_action_at is null"


@use_case("plans:write")
async def pause_plan(ctx: Context, plan_id: str, *, expected_version: int | None = None) -> ReminderPlan:
    """Has all cases of the plan wait (`plan_paused`); a paused plan stays as it is. Raises NotFound.

    Once it has answered nothing more is sent for the plan: what was queued is cancelled (`plan_paused`) when its turn comes, and
    decided again after the plan is resumed.
    """
    async with transaction(ctx):
        await wait_for_sends(ctx)
        plan = await store.lock(ctx, plan_id)
        expect(plan.version, expected_version)
        return plan if plan.paused_at else await _told(ctx, plan, "paused", ctx.now())


@use_case("plans:write")
async def resume_plan(ctx: Context, plan_id: str, *, expected_version: int | None = None) -> ReminderPlan:
    """Wakes the cases of a paused plan, which catch up as after an outage: of several notices that are due only the last is sent."""
    async with transaction(ctx):
        plan = await store.lock(ctx, plan_id)
        expect(plan.version, expected_version)
        return await _told(ctx, plan, "resumed", None) if plan.paused_at else plan


async def wake_paused(ctx: Context, plan_id: str) -> None:
    """Has the engine look at every case that waits because the plan was paused, a chunk in each transaction."""
    await _wake(ctx, plan_id, _PAUSED)


async def wake_idle(ctx: Context, plan_id: str) -> None:
    """Has the engine look at every case of a plan that waits for nothing, a chunk in each transaction."""
    await _wake(ctx, plan_id, _IDLE)


async def _told(ctx: Context, plan: ReminderPlan, what: str, paused_at: datetime | None) -> ReminderPlan:
    changed = replace(plan, paused_at=paused_at, version=plan.version + 1, updated_at=ctx.now())
    await store.save(ctx, changed)
    audited(ctx, plan.id)
    emit(ctx, NewEvent(f"reminder_plan.{what}", plan.id, {"reminder_plan": changed}))
    return changed


async def _wake(ctx: Context, plan_id: str, which: str) -> None:
    after: str | None = ""
    while after is not None:
        async with transaction(ctx):
            after = await sql(ctx).fetchval(
                f"""
                with wanted as (
                  select id from cases where tenant_id = $1 and plan_id = $2 and id > $3 and {which}
                  order by id limit $5 for no key update),
                woken as (
                  update cases set next_action_at = $4 where tenant_id = $1 and id in (select id from wanted) and state <> 'closed'
                  returning id)
                select max(id) from woken
                """,
                ctx.tenant_id,
                plan_id,
                after,
                ctx.now(),
                _CHUNK,
            )
