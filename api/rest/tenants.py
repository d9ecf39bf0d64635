"""/v1/tenants for platforms; /v1/clock and /v1/operations for tenants."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import platform_context, tenant_context
from api.inputs.fields import given
from api.inputs.tenants import ClockAdvance, NewClientRequest, NewTenant
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, accepted, created, listing, page_request, with_etag
from domain.access import clients, clock, tenants
from domain.access.model import Client, Clock, NewClient, Tenant, TenantMode, TenantStatus
from domain.operations import operations
from domain.operations.model import Operation, OperationError

Status = Annotated[TenantStatus | None, QueryParameter(description="Only those in this status.")]
Mode = Annotated[TenantMode | None, QueryParameter(description="Only those of this mode.")]
ExternalIdFilter = Annotated[
    str | None, QueryParameter(max_length=200, description="Only the one with this id of yours.")
]


@post("/tenants", use_case=tenants.create_tenant, operation_id="CreateTenant")
async def create_tenant(request: Request[Any, Any, Any], data: JSONBody[NewTenant]) -> Response[Tenant]:
    """Register a tenant; a sandbox may get a test clock."""
    return created(await tenants.create_tenant(platform_context(request), **given(data)))


@get("/tenants", use_case=tenants.list_tenants, operation_id="ListTenants")
async def list_tenants(
    request: Request[Any, Any, Any],
    status: Status = None,
    mode: Mode = None,
    external_id: ExternalIdFilter = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Tenant]]:
    """List the platform's tenants, oldest first."""
    page, context = page_request(request, limit, cursor), platform_context(request)
    return listing(
        request, await tenants.list_tenants(context, page, status=status, mode=mode, external_id=external_id)
    )


@get("/tenants/{tenant_id:str}", use_case=tenants.get_tenant, operation_id="GetTenant")
async def get_tenant(request: Request[Any, Any, Any], tenant_id: FromPath[str]) -> Response[Tenant]:
    """Read a tenant."""
    return with_etag(await tenants.get_tenant(platform_context(request), tenant_id))


@post("/tenants/{tenant_id:str}/clients", use_case=clients.create_client, operation_id="CreateClient")
async def create_client(
    request: Request[Any, Any, Any], tenant_id: FromPath[str], data: JSONBody[NewClientRequest]
) -> Response[NewClient]:
    """Give a tenant an OAuth client; the secret is shown only here."""
    return created(await clients.create_client(platform_context(request), tenant_id, **given(data)))


@get("/tenants/{tenant_id:str}/clients", use_case=clients.list_clients, operation_id="ListClients")
async def list_clients(
    request: Request[Any, Any, Any], tenant_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Client]]:
    """List a tenant's OAuth clients, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await clients.list_clients(platform_context(request), tenant_id, page))


@get("/clock", use_case=clock.get_clock, operation_id="GetClock")
async def get_clock(request: Request[Any, Any, Any]) -> Clock:
    """What time it is for this tenant."""
    return await clock.get_clock(tenant_context(request))


@post("/clock/advance", use_case=clock.advance_clock, operation_id="AdvanceClock", status_code=202)
async def advance_clock(request: Request[Any, Any, Any], data: JSONBody[ClockAdvance]) -> Response[Operation]:
    """Move a sandbox's test clock forwards; everything due until then is done on the way."""
    return accepted(await clock.advance_clock(tenant_context(request), to=data.to))


@get("/operations", use_case=operations.list_operations, operation_id="ListOperations")
async def list_operations(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Operation]]:
    """List long-running work, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await operations.list_operations(tenant_context(request), page))


@get("/operations/{operation_id:str}", use_case=operations.get_operation, operation_id="GetOperation")
async def get_operation(request: Request[Any, Any, Any], operation_id: FromPath[str]) -> Operation:
    """Read how far an operation is."""
    return await operations.get_operation(tenant_context(request), operation_id)


@get(
    "/operations/{operation_id:str}/errors",
    use_case=operations.list_operation_errors,
    operation_id="ListOperationErrors",
)
async def list_operation_errors(
    request: Request[Any, Any, Any], operation_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[OperationError]]:
    """List what an operation could not do, by line and column."""
    page = page_request(request, limit, cursor)
    return listing(request, await operations.list_operation_errors(tenant_context(request), operation_id, page))


ROUTES = [
    create_tenant,
    list_tenants,
    get_tenant,
    create_client,
    list_clients,
    get_clock,
    advance_clock,
    list_operations,
    get_operation,
    list_operation_errors,
]
