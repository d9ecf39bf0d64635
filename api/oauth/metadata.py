"""What clients and resource servers can find out by themselves: RFC 8414, RFC 9728 and the keys (RFC 7517)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from api.oauth.client_authentication import ASSERTION_ALGORITHMS, METHODS, WITH_CREDENTIALS
from api.oauth.requests import TOKEN_EXCHANGE
from api.oauth.routes import server_of
from domain.kernel.scopes import Scope

# Less than a new signing key is published before it signs (domain/access/keys.py).
_KEPT = {"Cache-Control": "public, max-age=300"}


@get("/.well-known/oauth-authorization-server", include_in_schema=False, sync_to_thread=False)
def authorization_server_metadata(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """RFC 8414."""
    issuer = server_of(request).issuer.issuer
    oauth = f"{issuer}/oauth"
    body = {
        "issuer": issuer,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/token",
        "revocation_endpoint": f"{oauth}/revoke",
        "introspection_endpoint": f"{oauth}/introspect",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": sorted(Scope),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token", TOKEN_EXCHANGE],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": list(WITH_CREDENTIALS),
        "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["en", "zh-CN"],
        "service_documentation": f"{issuer}/docs",
        "protected_resources": [issuer],
    }
    return Response(body, headers=_KEPT)


@get("/.well-known/oauth-protected-resource", include_in_schema=False, sync_to_thread=False)
def protected_resource_metadata(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """RFC 9728."""
    issuer = server_of(request).issuer.issuer
    body = {
        "resource": issuer,
        "resource_name": "Dunwell",
        "authorization_servers": [issuer],
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": sorted(Scope),
        "bearer_methods_supported": ["header"],
        "resource_documentation": f"{issuer}/docs",
    }
    return Response(body, headers=_KEPT)


@get("/.well-known/jwks.json", include_in_schema=False)
async def json_web_key_set(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The public keys of access tokens, old and coming ones included."""
    keys = server_of(request).issuer.keys
    await keys.freshen()
    return Response(keys.jwks(), headers=_KEPT)
