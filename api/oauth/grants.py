"""The grants of the token endpoint, on Authlib's: what each demands, and what its token says."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
    scope_to_list,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, BaseGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.grants.base import TokenEndpointMixin
from authlib.oauth2.rfc7636 import CodeChallenge

from api.oauth.client_authentication import METHODS, WITH_CREDENTIALS
from api.oauth.requests import TOKEN_EXCHANGE, KnownClient, TokenRequest
from domain.access.codes import StoredCode, mark_code_used
from domain.access.grants import (
    StoredRefreshToken,
    add_grant,
    add_refresh_token,
    mark_refresh_token_used,
    new_refresh_token,
    revoke_grant,
)
from domain.access.tokens import LIFETIME, Subject
from domain.kernel.context import Actor, Context
from domain.kernel.ids import new_id
from domain.kernel.scopes import TENANT_SCOPES
from domain.storage.audit_chain import audit

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
_JWT = "urn:ietf:params:oauth:token-type:jwt"


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """RFC 8693 section 2.2.2: no token is issued for that audience."""

    error = "invalid_target"


class S256(CodeChallenge):  # type: ignore[misc]
    """PKCE (RFC 7636) is demanded of everybody, and only as S256."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """At /oauth/authorize."""
        fields = grant.request.payload.data
        if fields.get("code_challenge_method") != "S256" or len(fields.get("code_challenge", "")) != 43:
            raise InvalidRequestError("PKCE with code_challenge_method S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    """RFC 6749 section 4.4: a client acts for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = WITH_CREDENTIALS

    def validate_token_request(self) -> None:
        """Also refuses a scope that the client does not have, instead of leaving it out silently."""
        super().validate_token_request()
        if not set(scope_to_list(self.request.payload.scope or "")) <= self.request.client.identity.scopes:
            raise InvalidScopeError

    def generate_token(self, scope: str | None = None, **_: Any) -> dict[str, Any]:
        """With the scopes asked for, or all the client has."""
        client = self.request.client.identity
        scopes = frozenset(scope_to_list(scope)) if scope else client.scopes
        subject = Subject(client_id=client.id, platform_id=client.platform_id, tenant_id=client.tenant_id)
        return token_answer(self.server, subject, scopes)


class AuthorizationCode(AuthorizationCodeGrant):  # type: ignore[misc]
    """RFC 6749 section 4.1: a client acts for a user who has consented."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        """At /oauth/authorize: what the client may have, and has a meaning in a tenant."""
        asked = set(scope_to_list(self.request.payload.scope or ""))
        client = self.server.query_client(self.request.payload.client_id)
        if not asked or not asked <= client.identity.scopes & TENANT_SCOPES:
            raise InvalidScopeError("The client may not ask for this scope.")

    def query_authorization_code(self, code: str, client: KnownClient) -> _Code | None:
        """The code, if it is this client's, unused, young enough, and its user may still come in."""
        request: TokenRequest = self.request
        stored, tenant = request.code, request.tenant
        if stored is None or tenant is None or stored.client_id != client.identity.id:
            return None
        if stored.grant_id is not None:
            _end_family(request, tenant, stored.grant_id, stored.user_id, "replay_code")
            return None
        if stored.expired or request.standing is None:
            return None
        return _Code(stored, _allowed(request, stored.scopes, client))

    def authenticate_user(self, authorization_code: _Code) -> Any:
        """The user as things stand now."""
        return self.request.standing

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        """It is marked as used together with the making of its grant."""

    def generate_token(self, scope: str | None = None, include_refresh_token: bool = True, **_: Any) -> dict[str, Any]:
        """A token of a new grant."""
        request: TokenRequest = self.request
        stored, tenant, grant_id = request.code, request.tenant, new_id("gnt")
        assert stored is not None
        assert tenant is not None
        answer = token_answer(self.server, _user_subject(request, grant_id), frozenset(scope_to_list(scope)))
        refresh_token = new_refresh_token(tenant) if include_refresh_token else None

        async def write() -> None:
            await add_grant(tenant, grant_id, client_id=stored.client_id, user_id=stored.user_id, scopes=stored.scopes)
            await mark_code_used(tenant, stored, grant_id)
            if refresh_token is not None:
                await add_refresh_token(tenant, grant_id, refresh_token)
            audit(tenant, "grant_access", grant_id, _user(request, stored.user_id))

        request.afterwards(write)
        return answer if refresh_token is None else {**answer, "refresh_token": refresh_token}


class RefreshToken(RefreshTokenGrant):  # type: ignore[misc]
    """RFC 6749 section 6, rotating: each refresh token is good once."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> _Refresh | None:
        """The token, if it is this client's, unused, alive, and its user may still come in."""
        request: TokenRequest = self.request
        stored, tenant, client = request.refresh, request.tenant, request.client
        if stored is None or tenant is None or stored.client_id != client.identity.id:
            return None
        if stored.used:
            _end_family(request, tenant, stored.grant_id, stored.user_id, "reuse_refresh_token")
            return None
        if stored.ended or request.standing is None:
            return None
        return _Refresh(stored, _allowed(request, stored.scopes, client))

    def authenticate_user(self, refresh_token: _Refresh) -> Any:
        """The user as things stand now."""
        return self.request.standing

    def issue_token(self, user: Any, refresh_token: _Refresh) -> dict[str, Any]:
        """A token of the same grant, and the next refresh token."""
        request: TokenRequest = self.request
        stored, tenant = refresh_token.stored, request.tenant
        assert tenant is not None
        scope = request.payload.scope or refresh_token.get_scope()
        answer = token_answer(self.server, _user_subject(request, stored.grant_id), frozenset(scope_to_list(scope)))
        next_token = new_refresh_token(tenant)

        async def write() -> None:
            await mark_refresh_token_used(tenant, stored)
            await add_refresh_token(tenant, stored.grant_id, next_token, until=stored.grant_expires_at)

        request.afterwards(write)
        return {**answer, "refresh_token": next_token}

    def revoke_old_credential(self, refresh_token: _Refresh) -> None:
        """It is marked as used together with the storing of the next."""


class TokenExchange(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """RFC 8693: a platform's token becomes a token for one of its tenants, with no more scopes than it has."""

    GRANT_TYPE = TOKEN_EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = WITH_CREDENTIALS

    def validate_token_request(self) -> None:
        """Who asks, with which token, for whom, and for what."""
        client = self.request.client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError
        fields = self.request.form
        if "actor_token" in fields or fields.get("requested_token_type", ACCESS_TOKEN) not in (ACCESS_TOKEN, _JWT):
            raise InvalidRequestError("Only access tokens are issued, without an actor.")
        if fields.get("subject_token_type") not in (ACCESS_TOKEN, _JWT):
            raise InvalidRequestError("subject_token_type must be an access token.")
        subject = self.request.subject
        if subject is None or subject.client_id != client.identity.id or subject.tenant_id is not None:
            raise InvalidRequestError("subject_token is no valid token of this platform client.")
        if "audience" not in fields and "resource" not in fields:
            raise InvalidRequestError("audience must name a tenant.")
        if self.request.target is None:
            raise InvalidTargetError("The audience is no active tenant of this platform.")
        if not self._scopes():
            raise InvalidScopeError("The subject token holds no such scope.")

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """The tenant's token."""
        client = self.request.client.identity
        subject = Subject(client_id=client.id, platform_id=client.platform_id, tenant_id=self.request.target)
        answer = token_answer(self.server, subject, self._scopes())
        return 200, {**answer, "issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER

    def _scopes(self) -> frozenset[str]:
        most = self.request.subject.scopes & self.request.client.identity.scopes & TENANT_SCOPES
        asked = frozenset(scope_to_list(self.request.payload.scope or ""))
        if not asked <= most:
            raise InvalidScopeError("The subject token does not hold this scope.")
        return asked or most


class _Code:
    """An authorization code as Authlib asks it."""

    code_challenge_method = "S256"

    def __init__(self, stored: StoredCode, scopes: frozenset[str]) -> None:
        self._stored = stored
        self._scopes = scopes
        self.code_challenge = stored.code_challenge

    def get_redirect_uri(self) -> str:
        return self._stored.redirect_uri

    def get_scope(self) -> str:
        return " ".join(sorted(self._scopes))


class _Refresh:
    """A refresh token as Authlib asks it."""

    def __init__(self, stored: StoredRefreshToken, scopes: frozenset[str]) -> None:
        self.stored = stored
        self._scopes = scopes

    def check_client(self, client: KnownClient) -> bool:
        return self.stored.client_id == client.identity.id

    def get_scope(self) -> str:
        return " ".join(sorted(self._scopes))


def token_answer(server: Any, subject: Subject, scopes: frozenset[str]) -> dict[str, Any]:
    """RFC 6749 section 5.1."""
    return {
        "access_token": server.issuer.issue(subject, scopes),
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(sorted(scopes)),
    }


def _allowed(request: TokenRequest, granted: frozenset[str], client: KnownClient) -> frozenset[str]:
    """What was granted, as far as the user's role and the client still reach."""
    assert request.standing is not None
    scopes = granted & request.standing.scopes & client.identity.scopes
    if not scopes:
        raise InvalidGrantError("Nothing of what was granted is still allowed.")
    return scopes


def _user_subject(request: TokenRequest, grant_id: str) -> Subject:
    client, standing, tenant = request.client.identity, request.standing, request.tenant
    assert standing is not None
    assert tenant is not None
    return Subject(
        client_id=client.id,
        platform_id=client.platform_id,
        tenant_id=tenant.tenant_id,
        user_id=standing.user_id,
        grant_id=grant_id,
        role=standing.role,
        own_customers=standing.own_customers_only,
    )


def _user(request: TokenRequest, user_id: str) -> Actor:
    return Actor("user", user_id, request.client.identity.id if request.client else None, request.address)


def _end_family(request: TokenRequest, tenant: Context, grant_id: str, user_id: str, action: str) -> None:
    client_id = request.known.id if request.known else None

    async def write() -> None:
        await revoke_grant(tenant, grant_id)
        audit(tenant, action, grant_id, Actor("user", user_id, client_id, request.address))

    request.afterwards(write)
