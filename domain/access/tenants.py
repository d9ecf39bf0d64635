"""Use cases of a platform: register tenants and look at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asyncpg import UniqueViolationError

from domain.access.model import Tenant, TenantMode, TenantStatus
from domain.access.new_tenants import prepare_tenant
from domain.kernel.calendar import is_time_zone
from domain.kernel.clock import SystemClock
from domain.kernel.context import PlatformContext
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.ids import new_id
from domain.kernel.money import is_currency
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import platform_use_case
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, sql, transaction

_COLUMNS = (
    "id, external_id, name, mode, status, base_currency, time_zone, locale, country, clock_kind,"
    " clock_at as test_clock_at, version, created_at, updated_at"
)


@platform_use_case("tenants:write")
async def create_tenant(
    ctx: PlatformContext,
    *,
    name: str,
    mode: TenantMode,
    base_currency: str,
    time_zone: str,
    locale: str,
    country: str | None = None,
    external_id: str | None = None,
    test_clock_at: datetime | None = None,
) -> Tenant:
    """Registers an organisation that is owed money; a sandbox may be given a test clock that stands still until it is moved."""
    check_tenant(mode, base_currency, time_zone, test_clock_at)
    now = SystemClock().now()
    async with transaction(ctx) as tx:
        try:
            row = await tx.fetchrow(
                f"""
                insert into tenants (id, platform_id, external_id, name, mode, status, base_currency, time_zone, locale,
                  country, clock_kind, clock_at, version, created_at, updated_at)
                values ($1, $2, $3, $4, $5, 'active', $6, $7, $8, $9, $10, $11, 1, $12, $12) returning {_COLUMNS}
                """,
                new_id("tnt"),
                ctx.platform_id,
                external_id,
                name,
                mode,
                base_currency,
                time_zone,
                locale,
                country,
                "test" if test_clock_at else "system",
                test_clock_at,
                now,
            )
        except UniqueViolationError as taken:
            raise Conflict("external_id_taken", f"There is a tenant with the external id {external_id!r}.") from taken
        tenant = _tenant_of(row)
        await _prepare(ctx, tenant)
        audited(ctx, tenant.id, tenant_id=tenant.id)
    return tenant


@platform_use_case("tenants:read")
async def get_tenant(ctx: PlatformContext, tenant_id: str) -> Tenant:
    """One tenant of the platform."""
    async with reading(ctx):
        return await tenant_of(ctx, tenant_id)


@platform_use_case("tenants:read")
async def list_tenants(
    ctx: PlatformContext,
    page: PageRequest,
    *,
    status: TenantStatus | None = None,
    mode: TenantMode | None = None,
    external_id: str | None = None,
) -> Page[Tenant]:
    """The platform's tenants, oldest first."""
    async with reading(ctx) as tx:
        rows = await tx.fetch(
            f"select {_COLUMNS} from tenants where platform_id = $1 and ($2::text is null or id > $2)"
            " and ($4::text is null or status = $4) and ($5::text is null or mode = $5)"
            " and ($6::text is null or external_id = $6) order by id limit $3",
            ctx.platform_id,
            page.after,
            page.limit + 1,
            status,
            mode,
            external_id,
        )
    return page_of(rows, page, lambda row: str(row["id"]), _tenant_of)


async def tenant_of(ctx: PlatformContext, tenant_id: str, *, lock: bool = False) -> Tenant:
    """The tenant, in the open transaction; raises NotFound if the platform has no such tenant."""
    for_update = " for update" if lock else ""
    row = await sql(ctx).fetchrow(f"select {_COLUMNS} from tenants where id = $1{for_update}", tenant_id)
    if row is None:
        raise NotFound.of("tenant", tenant_id)
    return _tenant_of(row)


async def _prepare(ctx: PlatformContext, tenant: Tenant) -> None:
    tx = sql(ctx)
    await tx.execute(f"set local app.tenant = '{tenant.id}'")
    await tx.execute("insert into event_streams (tenant_id) values ($1)", tenant.id)
    await prepare_tenant(tx, tenant)
    await tx.execute("set local app.tenant = ''")


def check_tenant(mode: TenantMode, base_currency: str, time_zone: str, test_clock_at: datetime | None) -> None:
    """Raises InvalidInput for what no tenant can be."""
    if not is_currency(base_currency):
        raise InvalidInput.at("/base_currency", "unknown_currency", f"{base_currency!r} is not an ISO 4217 currency.")
    if not is_time_zone(time_zone):
        raise InvalidInput.at("/time_zone", "unknown_time_zone", f"{time_zone!r} is not an IANA time zone.")
    if test_clock_at and mode != "sandbox":
        raise InvalidInput.at("/test_clock_at", "test_clock_needs_sandbox", "Only a sandbox tenant has a test clock.")
    if test_clock_at and not 2000 <= test_clock_at.year <= 2100:
        raise InvalidInput.at("/test_clock_at", "instant_out_of_range", "A test clock stands between 2000 and 2100.")


def _tenant_of(row: Any) -> Tenant:
    return Tenant(**dict(row))
