"""Shipped plans as drafts of a tenant: from its first moment, and when somebody asks for one."""

from __future__ import annotations

import asyncio

import pytest

from domain.access import new_tenants
from domain.access.model import NewClient, Tenant
from domain.access.tenants import create_tenant, list_tenants
from domain.dunning.model import ReminderPlan
from domain.dunning.plan_presets import install_plan_preset, list_plan_presets
from domain.dunning.plans import get_plan, list_plans, publish_plan, update_plan
from domain.dunning.reactions import react
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import reading
from tests.factories import a_customer, tenant_context
from tests.factories_ledger import a_receivable

KEYS = ["standard", "three_stages", "message_call_letter", "around_due_date", "watched_customers"]


async def _plans(ctx: Context) -> list[ReminderPlan]:
    return list((await list_plans(ctx, PageRequest())).items)


async def _a_tenant(platform: PlatformContext, locale: str) -> Context:
    made = await create_tenant(
        platform, name="New", mode="live", base_currency="CNY", time_zone="Asia/Shanghai", locale=locale
    )
    return await tenant_context(made.id)


async def test_a_new_tenant_has_every_shipped_plan_as_a_draft_and_reminds_nobody(ctx: Context) -> None:
    plans = await _plans(ctx)
    assert [plan.external_id for plan in plans] == [f"preset:{key}" for key in KEYS]
    for plan in plans:
        assert (plan.state, plan.is_default, plan.published_version, plan.version) == ("draft", False, None, 1)
        assert plan.draft_version is not None
        assert plan.draft_version.number == 1
        assert plan.created_at == ctx.now()
    receivable = await a_receivable(ctx, await a_customer(ctx))
    await react(ctx)
    async with reading(ctx) as tx:
        assert not await tx.fetchval("select count(*) from cases where receivable_id = $1", receivable.id)


async def test_the_plans_are_written_in_the_tenants_language(platform: tuple[PlatformContext, NewClient]) -> None:
    chinese = await _plans(await _a_tenant(platform[0], "zh-CN"))
    english = await _plans(await _a_tenant(platform[0], "de"))
    assert chinese[0].name.startswith("标准")
    assert english[0].name.startswith("Standard")


async def test_every_preset_can_be_published_by_a_tenant_that_has_only_email(ctx: Context) -> None:
    for plan in await _plans(ctx):
        published = await publish_plan(ctx, plan.id)
        assert published.published_version is not None
        assert published.published_version.steps == plan.draft_version.steps  # type: ignore[union-attr]


async def test_installing_a_preset_twice_makes_one_plan_and_keeps_what_was_changed(ctx: Context) -> None:
    first = (await _plans(ctx))[0]
    changed = await update_plan(ctx, first.id, {"name": "Ours"})
    assert await install_plan_preset(ctx, "standard") == changed
    copy = await install_plan_preset(ctx, "standard", external_id="copy")
    assert (copy.external_id, copy.state, copy.id == first.id) == ("copy", "draft", False)
    assert copy.draft_version is not None
    assert copy.draft_version.steps == first.draft_version.steps  # type: ignore[union-attr]
    assert await install_plan_preset(ctx, "standard", external_id="copy") == await get_plan(ctx, copy.id)
    assert len(await _plans(ctx)) == len(KEYS) + 1
    with pytest.raises(NotFound):
        await install_plan_preset(ctx, "nothing")


async def test_calls_at_the_same_moment_make_one_plan(ctx: Context) -> None:
    made = await asyncio.gather(*(install_plan_preset(ctx, "standard", external_id="mine") for _ in range(5)))
    assert len({plan.id for plan in made}) == 1
    assert len(await _plans(ctx)) == len(KEYS) + 1


async def test_presets_are_listed_by_key_page_by_page(ctx: Context) -> None:
    first = await list_plan_presets(ctx, PageRequest(limit=3))
    rest = await list_plan_presets(ctx, PageRequest(limit=3, after=first.next_key))
    assert [one.key for one in [*first.items, *rest.items]] == sorted(KEYS)
    assert rest.next_key is None


async def test_a_tenant_whose_preparation_fails_is_not_made(
    platform: tuple[PlatformContext, NewClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: BoundTransaction, __: Tenant) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(new_tenants, "_prepare", {fails: None})
    with pytest.raises(RuntimeError):
        await _a_tenant(platform[0], "en")
    assert (await list_tenants(platform[0], PageRequest())).items == []
