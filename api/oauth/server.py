"""The token endpoint: Authlib's authorization server, fed by our async stores.

Authlib's server side is synchronous. Everything a client_credentials request needs is one client row, so it is fetched before and
handed to Authlib's callbacks; no thread or greenlet bridge is needed for this grant.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError, OAuth2Payload, scope_to_list
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from litestar import Request, Response, post

from domain.access.clients import find_identity, secret_matches
from domain.access.model import ClientIdentity
from domain.access.tokens import LIFETIME, TokenIssuer

# Authlib wants to see https. Where TLS ends (at a proxy, or not at all on loopback) is the operator's decision.
_TOKEN_URL = "https://localhost/oauth/token"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class _Client(ClientMixin):  # type: ignore[misc]
    def __init__(self, identity: ClientIdentity) -> None:
        self.identity = identity

    def get_client_id(self) -> str:
        return self.identity.id

    def get_allowed_scope(self, scope: str | None) -> str:
        wanted = set(scope_to_list(scope or ""))
        return " ".join(sorted(wanted & self.identity.scopes))

    def check_client_secret(self, client_secret: str) -> bool:
        return secret_matches(self.identity, client_secret) and not self.identity.revoked

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method in ("client_secret_basic", "client_secret_post")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, form: dict[str, str]) -> None:
        self._form = form

    @property
    def data(self) -> dict[str, str]:
        return self._form

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._form.items()}


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, uri: str, headers: dict[str, str], form: dict[str, str], known: ClientIdentity | None) -> None:
        super().__init__("POST", uri, headers=headers)
        self.payload = _Payload(form)
        self._form = form
        self.known = known

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def validate_token_request(self) -> None:
        """Also refuses a scope that the client does not have, instead of leaving it out silently."""
        super().validate_token_request()
        wanted = scope_to_list(self.request.payload.scope or "")
        if not set(wanted) <= self.request.client.identity.scopes:
            raise InvalidScopeError


class TokenServer(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server with our client store and token format."""

    def __init__(self, issuer: TokenIssuer) -> None:
        super().__init__()
        self.issuer = issuer
        self.register_grant(_Grant)
        self._current: _Request | None = None

    def query_client(self, client_id: str) -> _Client | None:
        """The client that was fetched for this request."""
        known = self._current.known if self._current else None
        return _Client(known) if known is not None and known.id == client_id else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing to store: access tokens are self-contained and short-lived."""

    def generate_token(
        self, grant_type: str, user: None = None, client: Any = None, scope: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """A JWT with the scopes asked for, or all the client has."""
        scopes = frozenset(scope_to_list(scope)) if scope else client.identity.scopes
        return {
            "access_token": self.issuer.issue(client.identity, scopes),
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": " ".join(sorted(scopes)),
        }

    def create_oauth2_request(self, request: _Request) -> _Request:
        """Ours already is one."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response[Any]:
        """As Litestar sends it."""
        return Response(body, status_code=status, headers={**dict(headers), **_NO_STORE})

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    async def answer(self, headers: dict[str, str], fields: list[tuple[str, str]]) -> Response[Any]:
        """Answers a token request whose form held `fields`."""
        form = dict(fields)
        if len(form) != len(fields):
            return self.refuse("invalid_request", "A parameter is given more than once.")
        known = await find_identity(claimed) if (claimed := _claimed_id(headers, form)) else None
        # Authlib runs without awaiting from here on, so no other request can take the place.
        self._current = _Request(_TOKEN_URL, headers, form, known)
        try:
            return self.create_token_response(self._current)  # type: ignore[no-any-return]
        finally:
            self._current = None

    def refuse(self, error: str, description: str, status: int = 400) -> Response[Any]:
        """An RFC 6749 section 5.2 error."""
        return self.handle_response(status, {"error": error, "error_description": description}, [])


def _claimed_id(headers: dict[str, str], form: dict[str, str]) -> str | None:
    authorization = headers.get("Authorization", "")
    if authorization.lower().startswith("basic "):
        try:
            return base64.b64decode(authorization[6:], validate=True).decode().partition(":")[0] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return form.get("client_id")


@post("/oauth/token", operation_id="IssueToken", tags=["oauth"], status_code=200, include_in_schema=False)
async def issue_token(request: Request[Any, Any, Any]) -> Response[Any]:
    """RFC 6749 section 4.4: a client authenticates itself and gets an access token."""
    server: TokenServer = request.app.state.token_server
    if request.content_type[0] != "application/x-www-form-urlencoded":
        return server.refuse("invalid_request", "The body must be application/x-www-form-urlencoded.")
    fields = [(str(name), str(value)) for name, value in (await request.form()).multi_items()]
    if any("\x00" in text for pair in fields for text in pair):
        return server.refuse("invalid_request", "A parameter holds a character that is not allowed.")
    headers = {"Authorization": value} if (value := request.headers.get("authorization")) else {}
    address = request.client.host if request.client else None
    await request.app.state.attempts.at_token(_claimed_id(headers, dict(fields)), address)
    return await server.answer(headers, fields)
