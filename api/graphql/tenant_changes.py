"""Changing, suspending, activating and closing tenants in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, input_type
from api.graphql.tenants import Tenant
from api.inputs.fields import given
from api.inputs.tenants import TenantFields, TenantPatch
from domain.access import tenant_changes as changes

PutTenantInput = input_type(TenantFields, "PutTenantInput")
UpdateTenantInput = input_type(TenantPatch, "UpdateTenantInput")


@strawberry.type
class TenantChangesMutation:
    """Changing tenants."""

    @door(changes.update_tenant, Tenant)
    async def update_tenant(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateTenantInput, expected_version: int | None = None
    ) -> Any:
        """Change a tenant; its base currency only while it has no receivables."""
        wanted = given(from_input(TenantPatch, input))
        return await changes.update_tenant(info.context.platform, id, wanted, expected_version=expected_version)

    @door(changes.put_tenant, Tenant)
    async def put_tenant(
        self, info: GraphInfo, external_id: str, input: PutTenantInput, expected_version: int | None = None
    ) -> Any:
        """Create or replace the tenant with your own id."""
        wanted = given(from_input(TenantFields, input))
        return await changes.put_tenant(info.context.platform, external_id, **wanted, expected_version=expected_version)

    @door(changes.suspend_tenant, Tenant)
    async def suspend_tenant(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Stop a tenant: its tokens are refused at once and nothing is sent, until it is activated."""
        return await changes.suspend_tenant(info.context.platform, id, expected_version=expected_version)

    @door(changes.activate_tenant, Tenant)
    async def activate_tenant(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Let a suspended tenant go on; it needs new tokens, and what fell due meanwhile is done."""
        return await changes.activate_tenant(info.context.platform, id, expected_version=expected_version)

    @door(changes.close_tenant, Tenant)
    async def close_tenant(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Stop a tenant for ever; its books stay."""
        return await changes.close_tenant(info.context.platform, id, expected_version=expected_version)


NODES: dict[str, Any] = {}
QUERIES = None
MUTATIONS = TenantChangesMutation
