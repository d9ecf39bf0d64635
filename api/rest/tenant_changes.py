"""/v1/tenants: changing, suspending, activating and closing them."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, patch, post, put
from litestar.params import FromPath, JSONBody

from api.authentication import platform_context
from api.inputs.fields import given
from api.inputs.tenants import TenantFields, TenantPatch
from api.rest.answers import expected_version, with_etag
from api.rest.external_ids import external_id_of
from domain.access import tenant_changes
from domain.access.model import Tenant


@patch("/tenants/{tenant_id:str}", use_case=tenant_changes.update_tenant, operation_id="UpdateTenant")
async def update_tenant(
    request: Request[Any, Any, Any], tenant_id: FromPath[str], data: JSONBody[TenantPatch]
) -> Response[Tenant]:
    """Change a tenant; its base currency only while it has no receivables."""
    changed = await tenant_changes.update_tenant(
        platform_context(request), tenant_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@put("/tenants/external/{external_id:path}", use_case=tenant_changes.put_tenant, operation_id="PutTenant")
async def put_tenant(
    request: Request[Any, Any, Any], external_id: FromPath[str], data: JSONBody[TenantFields]
) -> Response[Tenant]:
    """Create or replace the tenant with your own id."""
    tenant = await tenant_changes.put_tenant(
        platform_context(request), external_id_of(request), expected_version=expected_version(request), **given(data)
    )
    return with_etag(tenant)


@post(
    "/tenants/{tenant_id:str}/suspend",
    use_case=tenant_changes.suspend_tenant,
    operation_id="SuspendTenant",
    status_code=200,
)
async def suspend_tenant(request: Request[Any, Any, Any], tenant_id: FromPath[str]) -> Response[Tenant]:
    """Stop a tenant: its tokens are refused at once and nothing is sent, until it is activated."""
    version = expected_version(request)
    return with_etag(
        await tenant_changes.suspend_tenant(platform_context(request), tenant_id, expected_version=version)
    )


@post(
    "/tenants/{tenant_id:str}/activate",
    use_case=tenant_changes.activate_tenant,
    operation_id="ActivateTenant",
    status_code=200,
)
async def activate_tenant(request: Request[Any, Any, Any], tenant_id: FromPath[str]) -> Response[Tenant]:
    """Let a suspended tenant go on; it needs new tokens, and what fell due meanwhile is done."""
    version = expected_version(request)
    return with_etag(
        await tenant_changes.activate_tenant(platform_context(request), tenant_id, expected_version=version)
    )


@post(
    "/tenants/{tenant_id:str}/close", use_case=tenant_changes.close_tenant, operation_id="CloseTenant", status_code=200
)
async def close_tenant(request: Request[Any, Any, Any], tenant_id: FromPath[str]) -> Response[Tenant]:
    """Stop a tenant for ever; its books stay."""
    version = expected_version(request)
    return with_etag(await tenant_changes.close_tenant(platform_context(request), tenant_id, expected_version=version))


ROUTES = [update_tenant, put_tenant, suspend_tenant, activate_tenant, close_tenant]
