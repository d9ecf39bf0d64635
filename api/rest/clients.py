"""/v1/clients: the OAuth clients of a platform or tenant."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api.authentication import owner_context
from api.inputs.clients import ClientPatch, ClientRegistration, SecretRotation
from api.inputs.fields import given
from api.rest.answers import (
    DEFAULT,
    Cursor,
    Limit,
    Listing,
    created,
    expected_version,
    listing,
    page_request,
    with_etag,
)
from domain.access import own_clients
from domain.access.model import Client, RegisteredClient


@post("/clients", use_case=own_clients.register_client, operation_id="RegisterClient")
async def register_client(
    request: Request[Any, Any, Any], data: JSONBody[ClientRegistration]
) -> Response[RegisteredClient]:
    """Register an OAuth client; the secret, if it has one, is shown only here."""
    return created(await own_clients.register_client(owner_context(request), **given(data)))


@get("/clients", use_case=own_clients.list_own_clients, operation_id="ListOwnClients")
async def list_own_clients(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Client]]:
    """List the caller's OAuth clients, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await own_clients.list_own_clients(owner_context(request), page))


@get("/clients/{client_id:str}", use_case=own_clients.get_client, operation_id="GetClient")
async def get_client(request: Request[Any, Any, Any], client_id: FromPath[str]) -> Response[Client]:
    """Read an OAuth client; a platform reads those of its tenants, too."""
    return with_etag(await own_clients.get_client(owner_context(request), client_id))


@patch("/clients/{client_id:str}", use_case=own_clients.update_client, operation_id="UpdateClient")
async def update_client(
    request: Request[Any, Any, Any], client_id: FromPath[str], data: JSONBody[ClientPatch]
) -> Response[Client]:
    """Change an OAuth client."""
    changed = await own_clients.update_client(
        owner_context(request), client_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/clients/{client_id:str}/rotate-secret",
    use_case=own_clients.rotate_client_secret,
    operation_id="RotateClientSecret",
    status_code=200,
)
async def rotate_client_secret(
    request: Request[Any, Any, Any], client_id: FromPath[str], data: JSONBody[SecretRotation]
) -> RegisteredClient:
    """Give an OAuth client a new secret, shown only here; the old one works on for a while."""
    return await own_clients.rotate_client_secret(owner_context(request), client_id, overlap_hours=data.overlap_hours)


@delete("/clients/{client_id:str}", use_case=own_clients.revoke_client, operation_id="RevokeClient", status_code=200)
async def revoke_client(request: Request[Any, Any, Any], client_id: FromPath[str]) -> Response[Client]:
    """Revoke an OAuth client with all its tokens; it stays readable."""
    return with_etag(await own_clients.revoke_client(owner_context(request), client_id))


ROUTES = [register_client, list_own_clients, get_client, update_client, rotate_client_secret, revoke_client]
