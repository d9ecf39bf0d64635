"""A tenant's life as its platform sees it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.access.model import NewClient, Tenant
from domain.access.profile import context_for
from domain.access.publishing import is_revoked
from domain.access.tenant_changes import activate_tenant, close_tenant, put_tenant, suspend_tenant, update_tenant
from domain.access.tenants import create_tenant, get_tenant, list_tenants
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed, Unauthenticated
from domain.kernel.ids import new_id
from domain.kernel.paging import PageRequest
from tests.factories_messaging import a_billed_contact

Platform = tuple[PlatformContext, NewClient]
FIELDS: dict[str, Any] = {"name": "Acme", "base_currency": "EUR", "time_zone": "Europe/Berlin", "locale": "en"}


async def test_changed_fields_change_and_the_others_stay(platform: Platform, tenant: Tenant) -> None:
    changes = {"name": "Acme Ltd", "country": "CN", "external_id": "crm-1", "base_currency": "USD"}
    changed = await update_tenant(platform[0], tenant.id, changes, expected_version=1)
    assert (changed.name, changed.country, changed.external_id, changed.base_currency) == tuple(changes.values())
    assert (changed.time_zone, changed.version) == (tenant.time_zone, 2)
    assert await get_tenant(platform[0], tenant.id) == changed
    assert await update_tenant(platform[0], tenant.id, {"name": "Acme Ltd"}) == changed
    with pytest.raises(PreconditionFailed):
        await update_tenant(platform[0], tenant.id, {"name": "x"}, expected_version=1)
    with pytest.raises(InvalidInput):
        await update_tenant(platform[0], tenant.id, {"time_zone": "Mars/Olympus"})


async def test_the_base_currency_is_fixed_once_something_is_owed(
    platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    await a_billed_contact(ctx)
    with pytest.raises(Conflict) as refused:
        await update_tenant(platform[0], tenant.id, {"base_currency": "USD"})
    assert refused.value.code == "tenant_has_receivables"
    assert (await update_tenant(platform[0], tenant.id, {"name": "still"})).name == "still"


async def test_an_external_id_is_taken_once(platform: Platform, tenant: Tenant) -> None:
    await create_tenant(platform[0], external_id="crm-1", mode="live", **FIELDS)
    with pytest.raises(Conflict) as taken:
        await update_tenant(platform[0], tenant.id, {"external_id": "crm-1"})
    assert taken.value.code == "external_id_taken"


async def test_put_creates_and_then_replaces(platform: Platform) -> None:
    made = await put_tenant(platform[0], "crm-9", mode="live", country=None, **FIELDS)
    same = await put_tenant(platform[0], "crm-9", mode="live", country=None, **FIELDS)
    assert (same, made.external_id) == (made, "crm-9")
    changed = await put_tenant(platform[0], "crm-9", mode="live", country="DE", **FIELDS)
    assert (changed.id, changed.country, changed.version) == (made.id, "DE", 2)
    with pytest.raises(Conflict):
        await put_tenant(platform[0], "crm-9", mode="sandbox", country="DE", **FIELDS)


async def test_lists_are_filtered(platform: Platform, tenant: Tenant) -> None:
    live = await create_tenant(platform[0], external_id="crm-1", mode="live", **FIELDS)
    suspended = await suspend_tenant(platform[0], tenant.id)

    async def found(**wanted: str) -> list[str]:
        return [one.id for one in (await list_tenants(platform[0], PageRequest(), **wanted)).items]  # type: ignore[arg-type]

    assert await found(status="suspended") == [suspended.id]
    assert await found(mode="live") == await found(external_id="crm-1") == [live.id]
    assert await found(status="active", mode="sandbox") == []


async def test_a_suspended_tenants_tokens_are_refused_old_and_new_until_it_is_active(
    platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    before = new_id("tok")
    assert not await is_revoked(before, [before, tenant.id])
    assert (await suspend_tenant(platform[0], tenant.id, expected_version=1)).status == "suspended"
    meanwhile = new_id("tok")
    assert await is_revoked(before, [before, tenant.id])
    assert await is_revoked(meanwhile, [meanwhile, tenant.id])
    with pytest.raises(Unauthenticated):
        await context_for(tenant.id, ctx.actor)
    assert (await suspend_tenant(platform[0], tenant.id)).version == 2

    assert (await activate_tenant(platform[0], tenant.id)).status == "active"
    after = new_id("tok")
    assert await is_revoked(meanwhile, [meanwhile, tenant.id])
    assert not await is_revoked(after, [after, tenant.id])
    assert (await context_for(tenant.id, ctx.actor)).tenant_id == tenant.id


async def test_a_closed_tenant_stays_closed(platform: Platform, tenant: Tenant) -> None:
    assert (await close_tenant(platform[0], tenant.id)).status == "closed"
    for attempt in (activate_tenant, suspend_tenant):
        with pytest.raises(Conflict) as refused:
            await attempt(platform[0], tenant.id)
        assert refused.value.code == "tenant_closed"
    with pytest.raises(Conflict):
        await update_tenant(platform[0], tenant.id, {"name": "x"})


async def test_another_platforms_tenant_cannot_be_touched(platform: Platform, database: str) -> None:
    with pytest.raises(NotFound):
        await suspend_tenant(platform[0], "tnt_00000000000000000000000000")
