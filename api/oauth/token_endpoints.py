"""Revocation (RFC 7009) and introspection (RFC 7662), on Authlib's endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from api.oauth.client_authentication import METHODS, WITH_CREDENTIALS
from api.oauth.requests import KnownClient, TokenRequest
from domain.access.assertions import owner_context
from domain.access.codes import tenant_named_by
from domain.access.grants import (
    StoredRefreshToken,
    is_revoked,
    is_tenant_active,
    lock_refresh_token,
    revoke_grant,
    standing_of,
)
from domain.access.model import ClientIdentity
from domain.access.revocations import revoke
from domain.access.tokens import AUDIENCE, Grant, TokenIssuer
from domain.kernel.context import Actor, Context, PlatformContext
from domain.kernel.errors import Unauthenticated
from domain.storage.audit_chain import audit
from domain.storage.transaction import reading, transaction

_SYSTEM = Actor("system", "oauth")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundToken:
    """A token that somebody asks about: what it says, and whether it is still good for anything."""

    subject: str
    """The id that is revoked: the token's own, or the grant's."""
    client_id: str
    platform_id: str | None
    tenant_id: str | None
    user_id: str | None
    active: bool
    claims: dict[str, Any]

    def check_client(self, client: KnownClient) -> bool:
        """Whether it was issued to this client."""
        return self.client_id == client.identity.id

    def is_expired(self) -> bool:
        """Expired ones are not found at all."""
        return False

    def is_revoked(self) -> bool:
        """Revoked, used, or of somebody who is not active any more."""
        return not self.active


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """The client itself ends one of its tokens; a refresh token takes the whole grant with it."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> FoundToken | None:
        """The token that was found before, whatever the hint says."""
        found: FoundToken | None = self.server.request.found
        return found

    def revoke_token(self, token: FoundToken, request: TokenRequest) -> None:
        """Afterwards."""
        request.afterwards(lambda: _revoke(token, request))


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """A client with credentials asks about tokens of its own platform or tenant; all others do not exist for it."""

    CLIENT_AUTH_METHODS = WITH_CREDENTIALS

    def query_token(self, token_string: str, token_type_hint: str | None) -> FoundToken | None:
        """The token that was found before, whatever the hint says."""
        found: FoundToken | None = self.server.request.found
        return found

    def check_permission(self, token: FoundToken, client: KnownClient, request: TokenRequest) -> bool:
        """Of the same platform, and for a tenant's client of the same tenant."""
        asking = client.identity
        return token.platform_id == asking.platform_id and asking.tenant_id in (None, token.tenant_id)

    def introspect_token(self, token: FoundToken) -> dict[str, Any]:
        """Its claims."""
        return token.claims


async def find_token(text: str, issuer: TokenIssuer, asking: ClientIdentity | None) -> FoundToken | None:
    """What the server knows of an access or refresh token; None if it is neither, or too old to be verified."""
    tenant_id = tenant_named_by(text)
    if tenant_id is not None:
        return await _find_refresh_token(tenant_id, text)
    try:
        grant = await issuer.grant_of(text)
    except Unauthenticated:
        return None
    active = await _is_active(grant) if asking is not None else False
    return FoundToken(
        subject=grant.jti,
        client_id=grant.client_id,
        platform_id=grant.platform_id,
        tenant_id=grant.tenant_id,
        user_id=grant.user_id,
        active=active,
        claims=_claims_of(grant, issuer.issuer),
    )


async def _find_refresh_token(tenant_id: str, text: str) -> FoundToken | None:
    ctx = Context(tenant_id=tenant_id, actor=_SYSTEM)
    async with transaction(ctx) as tx:
        stored: StoredRefreshToken | None = await lock_refresh_token(ctx, text)
        if stored is None:
            return None
        platform_id = await tx.fetchval("select platform_id from tenants where id = $1", tenant_id)
        standing = await standing_of(ctx, stored.user_id)
    claims = {
        "client_id": stored.client_id,
        "sub": stored.user_id,
        "scope": " ".join(sorted(stored.scopes & standing.scopes)) if standing else "",
        "iat": int(stored.created_at.timestamp()),
        "exp": int(min(stored.expires_at, stored.grant_expires_at).timestamp()),
        "tenant": tenant_id,
        "grant": stored.grant_id,
    }
    return FoundToken(
        subject=stored.grant_id,
        client_id=stored.client_id,
        platform_id=platform_id,
        tenant_id=tenant_id,
        user_id=stored.user_id,
        active=standing is not None and not (stored.used or stored.ended),
        claims=claims,
    )


async def _is_active(grant: Grant) -> bool:
    """Not revoked by its tenant or its platform, and its tenant active."""
    platform = PlatformContext(platform_id=grant.platform_id, actor=_SYSTEM)
    subjects = (grant.grant_id, grant.client_id, grant.user_id, grant.tenant_id)
    async with reading(platform):
        if await is_revoked(platform, grant.jti, *subjects):
            return False
        if grant.tenant_id is not None and not await is_tenant_active(platform, grant.tenant_id):
            return False
    if grant.tenant_id is None:
        return True
    tenant = Context(tenant_id=grant.tenant_id, actor=_SYSTEM)
    async with reading(tenant):
        return not await is_revoked(tenant, grant.jti, *subjects)


async def _revoke(token: FoundToken, request: TokenRequest) -> None:
    if token.platform_id is None:
        raise InvalidClientError
    kind_id = ("user", token.user_id) if token.user_id else ("client", token.client_id)
    actor = Actor(kind_id[0], kind_id[1], token.client_id, request.address)  # type: ignore[arg-type]
    ctx = owner_context(token.platform_id, token.tenant_id, actor)
    async with transaction(ctx):
        if isinstance(ctx, Context) and token.subject.startswith("gnt_"):
            await revoke_grant(ctx, token.subject)
        else:
            await revoke(ctx, token.subject)
        audit(ctx, "revoke_token", token.subject)


def _claims_of(grant: Grant, issuer: str) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": grant.user_id or grant.client_id,
        "client_id": grant.client_id,
        "token_type": "Bearer",
        "scope": " ".join(sorted(grant.scopes)),
        "iat": int(grant.issued_at),
        "exp": int(grant.expires_at),
        "jti": grant.jti,
        "platform": grant.platform_id,
    }
    optional = {"tenant": grant.tenant_id, "grant": grant.grant_id, "role": grant.role}
    return claims | {name: value for name, value in optional.items() if value is not None}
