"""Use cases of a platform: change its tenants, stop them for a while, and close them for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from asyncpg import UniqueViolationError

from domain.access.model import Tenant, TenantMode, TenantStatus
from domain.access.revocations import bar, unbar
from domain.access.tenants import check_tenant, create_tenant, tenant_of
from domain.kernel.clock import SystemClock
from domain.kernel.context import PlatformContext
from domain.kernel.errors import Conflict
from domain.kernel.usecase import platform_use_case
from domain.kernel.versions import expect
from domain.storage.audit_chain import audited
from domain.storage.transaction import sql, transaction

_CHANGEABLE = ("external_id", "name", "base_currency", "time_zone", "locale", "country")


@platform_use_case("tenants:write")
async def update_tenant(
    ctx: PlatformContext, tenant_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Tenant:
    """Changes the given fields; the base currency only while nothing is owed in it yet."""
    async with transaction(ctx):
        tenant = await tenant_of(ctx, tenant_id, lock=True)
        expect(tenant.version, expected_version)
        return await _change(ctx, tenant, changes)


@platform_use_case("tenants:write")
async def put_tenant(
    ctx: PlatformContext,
    external_id: str,
    *,
    expected_version: int | None = None,
    name: str,
    mode: TenantMode,
    base_currency: str,
    time_zone: str,
    locale: str,
    country: str | None = None,
    test_clock_at: datetime | None = None,
) -> Tenant:
    """Creates the tenant with the platform's own id, or makes the one that there is as said."""
    fields = {
        "name": name,
        "base_currency": base_currency,
        "time_zone": time_zone,
        "locale": locale,
        "country": country,
    }
    async with transaction(ctx) as tx:
        # Two that create the same one at once take turns, so that the second finds it.
        await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{ctx.platform_id}/{external_id}")
        found = await tx.fetchval(
            "select id from tenants where platform_id = $1 and external_id = $2", ctx.platform_id, external_id
        )
        if found is None:
            expect(0, expected_version)
            return await create_tenant(
                ctx,
                external_id=external_id,
                mode=mode,
                test_clock_at=test_clock_at,
                **fields,  # type: ignore[arg-type]
            )
        tenant = await tenant_of(ctx, found, lock=True)
        expect(tenant.version, expected_version)
        if tenant.mode != mode:
            raise Conflict("mode_is_fixed", f"The tenant is {tenant.mode} and stays so.")
        return await _change(ctx, tenant, fields)


@platform_use_case("tenants:write")
async def suspend_tenant(ctx: PlatformContext, tenant_id: str, *, expected_version: int | None = None) -> Tenant:
    """Stops a tenant: its tokens are refused, nothing is sent. Waits for what is being sent at this moment."""
    return await _turn(ctx, tenant_id, "suspended", expected_version)


@platform_use_case("tenants:write")
async def activate_tenant(ctx: PlatformContext, tenant_id: str, *, expected_version: int | None = None) -> Tenant:
    """Lets a suspended tenant go on: what fell due meanwhile is done, new tokens are good."""
    return await _turn(ctx, tenant_id, "active", expected_version)


@platform_use_case("tenants:write")
async def close_tenant(ctx: PlatformContext, tenant_id: str, *, expected_version: int | None = None) -> Tenant:
    """Stops a tenant for ever; its books stay."""
    return await _turn(ctx, tenant_id, "closed", expected_version)


async def _turn(ctx: PlatformContext, tenant_id: str, status: TenantStatus, expected_version: int | None) -> Tenant:
    async with transaction(ctx):
        tenant = await tenant_of(ctx, tenant_id, lock=True)
        expect(tenant.version, expected_version)
        if tenant.status == status:
            return tenant
        _refuse_closed(tenant)
        changed = await _save(ctx, tenant, replace(tenant, status=status))
        if status == "active":
            await unbar(ctx, tenant_id)
        else:
            await bar(ctx, tenant_id)
        audited(ctx, tenant_id, tenant_id=tenant_id, status=status)
    return changed


async def _change(ctx: PlatformContext, tenant: Tenant, changes: dict[str, Any]) -> Tenant:
    _refuse_closed(tenant)
    changed = replace(tenant, **changes)
    if changed == tenant:
        return tenant
    check_tenant(changed.mode, changed.base_currency, changed.time_zone, None)
    if changed.base_currency != tenant.base_currency:
        await _refuse_owed(ctx, tenant)
    changed = await _save(ctx, tenant, changed)
    names = [name for name in _CHANGEABLE if getattr(tenant, name) != getattr(changed, name)]
    audited(ctx, tenant.id, tenant_id=tenant.id, changed=names)
    return changed


async def _save(ctx: PlatformContext, before: Tenant, after: Tenant) -> Tenant:
    after = replace(after, version=before.version + 1, updated_at=SystemClock().now())
    try:
        await sql(ctx).execute(
            "update tenants set external_id = $2, name = $3, base_currency = $4, time_zone = $5, locale = $6, country = $7,"
            " status = $8, version = $9, updated_at = $10 where id = $1",
            after.id,
            *(getattr(after, name) for name in _CHANGEABLE),
            after.status,
            after.version,
            after.updated_at,
        )
    except UniqueViolationError as taken:
        raise Conflict("external_id_taken", f"There is a tenant with the external id {after.external_id!r}.") from taken
    return after


def _refuse_closed(tenant: Tenant) -> None:
    if tenant.status == "closed":
        raise Conflict("tenant_closed", "The tenant is closed, which is final.")


async def _refuse_owed(ctx: PlatformContext, tenant: Tenant) -> None:
    """The ledger lies above this room, so its table is asked one question only; `tenant.id` was read from the database."""
    tx = sql(ctx)
    await tx.execute(f"set local app.tenant = '{tenant.id}'")
    owed = await tx.fetchval("select exists (select 1 from receivables where tenant_id = $1)", tenant.id)
    await tx.execute("set local app.tenant = ''")
    if owed:
        raise Conflict("tenant_has_receivables", "The base currency is fixed once there are receivables.")
