"""Tenants, their clients, the clock and operations in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.tenants import ClockAdvance, NewClientRequest, NewTenant
from domain.access import clients as client_uses
from domain.access import clock as clock_uses
from domain.access import model as domain
from domain.access import tenants as tenant_uses
from domain.operations import model as operations_domain
from domain.operations import operations as operation_uses

CreateTenantInput = input_type(NewTenant, "CreateTenantInput")
CreateClientInput = input_type(NewClientRequest, "CreateClientInput")
AdvanceClockInput = input_type(ClockAdvance, "AdvanceClockInput")


@graph_type(domain.Tenant)
class Tenant:
    """An organisation that is owed money."""


@graph_type(domain.Client)
class Client:
    """An OAuth client, without its secret."""


@graph_type(domain.NewClient)
class NewClient:
    """A new OAuth client; the secret is shown only here."""


@graph_type(domain.Clock)
class Clock:
    """What time it is for a tenant."""


@graph_type(operations_domain.Progress)
class Progress:
    """Counts of what was done so far."""


@graph_type(operations_domain.OperationFailure)
class OperationFailure:
    """Why a whole operation failed."""


@graph_type(operations_domain.OperationError)
class OperationError:
    """One thing that an operation could not do."""


@graph_type(operations_domain.Operation)
class Operation:
    """Long work and how far it is."""


@strawberry.type
class TenantQuery:
    """Reading tenants, the clock and operations."""

    @door(tenant_uses.get_tenant, Tenant)
    async def tenant(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One tenant of the platform."""
        return await tenant_uses.get_tenant(info.context.platform, id)

    @door(tenant_uses.list_tenants, Connection[Tenant])
    async def tenants(
        self,
        info: GraphInfo,
        status: str | None = None,
        mode: str | None = None,
        external_id: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Any:
        """The platform's tenants, oldest first."""
        name = f"tenants:{status}:{mode}:{external_id}"
        request = page_request(first, after, name)
        wanted: dict[str, Any] = {"status": status, "mode": mode, "external_id": external_id}
        return connection(await tenant_uses.list_tenants(info.context.platform, request, **wanted), name, after)

    @door(client_uses.list_clients, Connection[Client])
    async def clients(
        self, info: GraphInfo, tenant_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """A tenant's OAuth clients, oldest first."""
        name = f"clients:{tenant_id}"
        page = await client_uses.list_clients(info.context.platform, tenant_id, page_request(first, after, name))
        return connection(page, name, after, lambda client: client.client_id)

    @door(clock_uses.get_clock, Clock)
    async def clock(self, info: GraphInfo) -> Any:
        """What time it is for this tenant."""
        return await clock_uses.get_clock(info.context.tenant)

    @door(operation_uses.get_operation, Operation)
    async def operation(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """How far an operation is."""
        return await operation_uses.get_operation(info.context.tenant, id)

    @door(operation_uses.list_operations, Connection[Operation])
    async def operations(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Long-running work, oldest first."""
        page = await operation_uses.list_operations(info.context.tenant, page_request(first, after, "operations"))
        return connection(page, "operations", after)

    @door(operation_uses.list_operation_errors, Connection[OperationError])
    async def operation_errors(
        self, info: GraphInfo, operation_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """What an operation could not do, by line and column."""
        name = f"operation_errors:{operation_id}"
        request = page_request(first, after, name)
        page = await operation_uses.list_operation_errors(info.context.tenant, operation_id, request)
        return connection(page, name, after, lambda error: str(error.number))


@strawberry.type
class TenantMutation:
    """Changing tenants and the clock."""

    @door(tenant_uses.create_tenant, Tenant)
    async def create_tenant(self, info: GraphInfo, input: CreateTenantInput) -> Any:
        """Register a tenant; a sandbox may get a test clock."""
        return await tenant_uses.create_tenant(info.context.platform, **given(from_input(NewTenant, input)))

    @door(client_uses.create_client, NewClient)
    async def create_client(self, info: GraphInfo, tenant_id: strawberry.ID, input: CreateClientInput) -> Any:
        """Give a tenant an OAuth client; the secret is shown only here."""
        fields = given(from_input(NewClientRequest, input))
        return await client_uses.create_client(info.context.platform, tenant_id, **fields)

    @door(clock_uses.advance_clock, Operation)
    async def advance_clock(self, info: GraphInfo, input: AdvanceClockInput) -> Any:
        """Move a sandbox's test clock forwards; everything due until then is done on the way."""
        return await clock_uses.advance_clock(info.context.tenant, to=from_input(ClockAdvance, input).to)


NODES = {"tnt": tenant_uses.get_tenant, "opr": operation_uses.get_operation}
QUERIES = TenantQuery
MUTATIONS = TenantMutation
