"""Use cases of the reminder plans that come with Dunwell: looked at, and taken over as drafts that are the tenant's own."""

from __future__ import annotations

from datetime import datetime

from domain.access.model import Tenant
from domain.access.new_tenants import when_a_tenant_is_made
from domain.dunning import plan_store as store
from domain.dunning.model import PlanPreset, PlanVersion, ReminderPlan
from domain.dunning.shipped.plan_presets import preset_of, presets
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.storage.audit_chain import audited
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import transaction


@use_case("plans:read")
async def list_plan_presets(ctx: Context, page: PageRequest) -> Page[PlanPreset]:
    """The shipped plans in the tenant's language, by key in alphabetical order."""
    known = sorted(presets(ctx.locale), key=_key)
    rows = [preset for preset in known if page.after is None or preset.key > page.after][: page.limit + 1]
    return page_of(rows, page, _key, lambda preset: preset)


@use_case("plans:write")
async def install_plan_preset(ctx: Context, key: str, *, external_id: str | None = None) -> ReminderPlan:
    """Writes a shipped plan, in the tenant's language, as a draft with this external id, `preset:<key>` if none is given.

    If there is a plan with that external id it is the answer, as it is: what was changed in it stays. Raises NotFound
    (`reminder_plan_preset_not_found`).
    """
    preset = preset_of(key, ctx.locale)
    if preset is None:
        raise NotFound.of("reminder_plan_preset", key)
    wanted = external_id or _external_id(preset)
    async with transaction(ctx):
        found = await store.find_by_external_id(ctx, wanted)
        if found is not None:
            return found
        plan = _draft(preset, wanted, ctx.now())
        try:
            await _write(ctx, plan)
        except Conflict:
            # Another call was first, and has committed.
            found = await store.find_by_external_id(ctx, wanted)
            assert found is not None
            return found
        audited(ctx, plan.id)
    return plan


async def _write(ctx: Context, plan: ReminderPlan) -> None:
    assert plan.draft_version is not None
    async with transaction(ctx):
        await store.add(ctx, plan)
        await store.add_version(ctx, plan.id, plan.draft_version)


def install_presets_in_new_tenants() -> None:
    """From now on a new tenant has every shipped plan as a draft; none is the default one, so nobody is reminded by them."""
    when_a_tenant_is_made(_write_all)


async def _write_all(tx: BoundTransaction, tenant: Tenant) -> None:
    at = tenant.test_clock_at or SystemClock().now()
    await store.add_drafts(tx, tenant.id, [_draft(one, _external_id(one), at) for one in presets(tenant.locale)])


def _draft(preset: PlanPreset, external_id: str, at: datetime) -> ReminderPlan:
    return ReminderPlan(
        id=new_id("pln"),
        external_id=external_id,
        name=preset.name,
        is_default=False,
        state="draft",
        published_version=None,
        draft_version=PlanVersion(
            id=new_id("plv"),
            number=1,
            state="draft",
            steps=preset.steps,
            options=preset.options,
            published_at=None,
        ),
        version=1,
        created_at=at,
        updated_at=at,
    )


def _external_id(preset: PlanPreset) -> str:
    return f"preset:{preset.key}"


def _key(preset: PlanPreset) -> str:
    return preset.key
