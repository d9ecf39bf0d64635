"""/v1/identity-provider: the tenant's own OpenID provider."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, put
from litestar.params import JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.identity_provider import IdentityProviderFields
from api.rest.answers import expected_version, with_etag
from domain.access import identity_providers as providers
from domain.access.identity_providers import IdentityProvider


@get("/identity-provider", use_case=providers.get_identity_provider, operation_id="GetIdentityProvider")
async def get_identity_provider(request: Request[Any, Any, Any]) -> Response[IdentityProvider]:
    """Read where the tenant's users sign in; the client secret is never shown."""
    return with_etag(await providers.get_identity_provider(tenant_context(request)))


@put("/identity-provider", use_case=providers.set_identity_provider, operation_id="SetIdentityProvider")
async def set_identity_provider(
    request: Request[Any, Any, Any], data: JSONBody[IdentityProviderFields]
) -> Response[IdentityProvider]:
    """Let users sign in at the tenant's own OpenID provider."""
    version = expected_version(request)
    return with_etag(
        await providers.set_identity_provider(tenant_context(request), **given(data), expected_version=version)
    )


@delete("/identity-provider", use_case=providers.delete_identity_provider, operation_id="DeleteIdentityProvider")
async def delete_identity_provider(request: Request[Any, Any, Any]) -> None:
    """Remove the provider; users sign in with passwords."""
    await providers.delete_identity_provider(tenant_context(request), expected_version=expected_version(request))


ROUTES = [get_identity_provider, set_identity_provider, delete_identity_provider]
