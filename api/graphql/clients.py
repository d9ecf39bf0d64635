"""The OAuth clients of a platform or tenant in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.tenants import Client
from api.inputs.clients import ClientPatch, ClientRegistration, SecretRotation
from api.inputs.fields import given
from domain.access import model as domain
from domain.access import own_clients as uses

RegisterClientInput = input_type(ClientRegistration, "RegisterClientInput")
UpdateClientInput = input_type(ClientPatch, "UpdateClientInput")
RotateClientSecretInput = input_type(SecretRotation, "RotateClientSecretInput")


@graph_type(domain.RegisteredClient)
class RegisteredClient:
    """An OAuth client and its new secret, which is shown only here."""


@strawberry.type
class ClientQuery:
    """Reading clients."""

    @door(uses.get_client, Client)
    async def client(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """An OAuth client; a platform reads those of its tenants, too."""
        return await uses.get_client(info.context.caller, id)

    @door(uses.list_own_clients, Connection[Client])
    async def own_clients(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """The caller's OAuth clients, oldest first."""
        page = await uses.list_own_clients(info.context.caller, page_request(first, after, "own_clients"))
        return connection(page, "own_clients", after, lambda client: client.client_id)


@strawberry.type
class ClientMutation:
    """Changing clients."""

    @door(uses.register_client, RegisteredClient)
    async def register_client(self, info: GraphInfo, input: RegisterClientInput) -> Any:
        """Register an OAuth client; the secret, if it has one, is shown only here."""
        return await uses.register_client(info.context.caller, **given(from_input(ClientRegistration, input)))

    @door(uses.update_client, Client)
    async def update_client(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateClientInput, expected_version: int | None = None
    ) -> Any:
        """Change an OAuth client."""
        changes = given(from_input(ClientPatch, input))
        return await uses.update_client(info.context.caller, id, changes, expected_version=expected_version)

    @door(uses.rotate_client_secret, RegisteredClient)
    async def rotate_client_secret(self, info: GraphInfo, id: strawberry.ID, input: RotateClientSecretInput) -> Any:
        """Give an OAuth client a new secret, shown only here; the old one works on for a while."""
        hours = from_input(SecretRotation, input).overlap_hours
        return await uses.rotate_client_secret(info.context.caller, id, overlap_hours=hours)

    @door(uses.revoke_client, Client)
    async def revoke_client(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """Revoke an OAuth client with all its tokens; it stays readable."""
        return await uses.revoke_client(info.context.caller, id)


NODES: dict[str, Any] = {}
QUERIES = ClientQuery
MUTATIONS = ClientMutation
