"""Use cases of reminder settings: how one receivable is reminded where it differs from the others."""

from __future__ import annotations

from dataclasses import replace

from msgspec import UNSET, UnsetType

from domain.dunning import settings_store as store
from domain.dunning.model import DelayReason, ReminderSettings
from domain.dunning.opening import wait_for_turn
from domain.dunning.published import check_plan
from domain.dunning.rescheduling import follow_plans, reschedule
from domain.dunning.rules.settings import check_settings
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, transaction


@use_case("receivables:read")
async def get_reminder_settings(ctx: Context, receivable_id: str) -> ReminderSettings:
    """The settings of one receivable; raises NotFound for the receivable, or if it has none."""
    async with reading(ctx):
        return await store.get(ctx, receivable_id)


@use_case("receivables:write")
async def put_reminder_settings(
    ctx: Context,
    receivable_id: str,
    *,
    plan_id: str | None = None,
    grace_days: int | None = None,
    minimum_days_between: int | None = None,
    delay_reason: DelayReason | UnsetType | None = UNSET,
    expected_version: int | None = None,
) -> ReminderSettings:
    """Replaces the settings of a receivable, and has its case go by them at once; the same call again changes nothing.

    A case that has not acted yet walks through the plan from now on; one that has acted keeps its own. Without `delay_reason` the
    reason stays: it is the collector who learns it. Raises NotFound, InvalidInput (`unknown_plan`, `plan_not_published`, or a number
    of days that is out of range).
    """
    check_settings(grace_days, minimum_days_between)
    async with transaction(ctx):
        await wait_for_turn(ctx)
        before = await store.find(ctx, receivable_id)
        expect(before.version if before else 0, expected_version)
        known = before or _none_yet(ctx, receivable_id)
        settings = replace(
            known,
            plan_id=plan_id,
            grace_days=grace_days,
            minimum_days_between=minimum_days_between,
            delay_reason=known.delay_reason if delay_reason is UNSET else delay_reason,
        )
        return settings if settings == before else await _save(ctx, before, settings)


@use_case("receivables:write")
async def delete_reminder_settings(ctx: Context, receivable_id: str, *, expected_version: int | None = None) -> None:
    """Removes the settings of a receivable, which is reminded as all others from now on; raises NotFound.

    A case that has not acted yet goes back to the plan that applies without them, if there is one.
    """
    async with transaction(ctx):
        await wait_for_turn(ctx)
        settings = await store.get(ctx, receivable_id)
        expect(settings.version, expected_version)
        await store.delete(ctx, receivable_id)
        emit(ctx, NewEvent("reminder_settings.deleted", receivable_id, {"reminder_settings": settings}))
        if settings.plan_id is not None:
            await follow_plans(ctx, [receivable_id])
        await reschedule(ctx, receivable_id)


async def _save(ctx: Context, before: ReminderSettings | None, changed: ReminderSettings) -> ReminderSettings:
    receivable_id, plan_id = changed.receivable_id, changed.plan_id
    if plan_id is not None:
        await check_plan(ctx, plan_id)
    settings = replace(changed, version=changed.version + 1, updated_at=ctx.now())
    await store.save(ctx, settings)
    emit(ctx, NewEvent("reminder_settings.updated", receivable_id, {"reminder_settings": settings}))
    if plan_id != (before and before.plan_id):
        await follow_plans(ctx, [receivable_id])
    await reschedule(ctx, receivable_id)
    return settings


def _none_yet(ctx: Context, receivable_id: str) -> ReminderSettings:
    return ReminderSettings(
        receivable_id=receivable_id,
        plan_id=None,
        grace_days=None,
        minimum_days_between=None,
        version=0,
        created_at=ctx.now(),
        updated_at=ctx.now(),
    )
