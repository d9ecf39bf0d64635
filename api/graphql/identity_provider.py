"""The tenant's own OpenID provider in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.inputs.fields import given
from api.inputs.identity_provider import IdentityProviderFields
from domain.access import identity_providers as uses

SetIdentityProviderInput = input_type(IdentityProviderFields, "SetIdentityProviderInput")


@graph_type(uses.IdentityProvider)
class IdentityProvider:
    """Where a tenant's users sign in."""


@strawberry.type
class IdentityProviderQuery:
    """Reading the identity provider."""

    @door(uses.get_identity_provider, IdentityProvider)
    async def identity_provider(self, info: GraphInfo) -> Any:
        """Where the tenant's users sign in."""
        return await uses.get_identity_provider(info.context.tenant)


@strawberry.type
class IdentityProviderMutation:
    """Changing the identity provider."""

    @door(uses.set_identity_provider, IdentityProvider)
    async def set_identity_provider(
        self, info: GraphInfo, input: SetIdentityProviderInput, expected_version: int | None = None
    ) -> Any:
        """Let users sign in at the tenant's own OpenID provider."""
        fields = given(from_input(IdentityProviderFields, input))
        return await uses.set_identity_provider(info.context.tenant, **fields, expected_version=expected_version)

    @door(uses.delete_identity_provider, bool)
    async def delete_identity_provider(self, info: GraphInfo, expected_version: int | None = None) -> Any:
        """Remove the provider; users sign in with passwords."""
        await uses.delete_identity_provider(info.context.tenant, expected_version=expected_version)
        return True


NODES: dict[str, Any] = {}
QUERIES = IdentityProviderQuery
MUTATIONS = IdentityProviderMutation
