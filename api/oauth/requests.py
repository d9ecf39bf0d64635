"""Our clients and requests as Authlib wants to see them.

Authlib's server side is synchronous. What a request needs from the database is fetched before and travels in `TokenRequest`; what
it wants written is collected there and written after, in the same transaction. Authlib itself runs without awaiting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Payload, scope_to_list

from domain.access.clients import secret_matches
from domain.access.codes import StoredCode
from domain.access.grants import StoredRefreshToken, UserStanding
from domain.access.model import ClientIdentity
from domain.access.rules.redirect_uris import redirect_uri_matches
from domain.access.tokens import Grant
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_REGISTERED_AS = {TOKEN_EXCHANGE: "token_exchange"}
# Authlib wants to see https. Where TLS ends (at a proxy, or not at all on loopback) is the operator's decision.
_URL = "https://localhost/oauth"


class KnownClient(ClientMixin):  # type: ignore[misc]
    """A client, or None for one that does not exist, which then costs and answers like a wrong secret."""

    def __init__(self, identity: ClientIdentity | None) -> None:
        self._identity = identity

    @property
    def identity(self) -> ClientIdentity:
        """The client; there is always one once it was authenticated."""
        assert self._identity is not None
        return self._identity

    def get_client_id(self) -> str:
        """Its id."""
        return self.identity.id

    def get_default_redirect_uri(self) -> None:
        """There is none: requests always name it."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Those it may ask for."""
        return " ".join(sorted(set(scope_to_list(scope or "")) & self.identity.scopes))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered."""
        return any(redirect_uri_matches(known, redirect_uri) for known in self.identity.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Compared also where there is nothing to compare with."""
        return secret_matches(self._identity, client_secret, SystemClock().now())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Only by the method it registered, and only while it may be used at all."""
        return self._identity is not None and self._identity.usable and self._identity.auth_method == method

    def check_response_type(self, response_type: str) -> bool:
        """A code, for those that may redeem it."""
        return response_type == "code" and "authorization_code" in self.identity.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it registered for it."""
        return _REGISTERED_AS.get(grant_type, grant_type) in self.identity.grant_types


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    @property
    def data(self) -> dict[str, str]:
        return self._fields

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._fields.items()}


class TokenRequest(OAuth2Request):  # type: ignore[misc]
    """One request with all that was fetched for it and all that it wants written."""

    def __init__(self, method: str, fields: dict[str, str], authorization: str | None, address: str | None) -> None:
        super().__init__(method, _URL, headers={"Authorization": authorization} if authorization else {})
        self.payload = _Payload(fields)
        self.fields = fields
        self.address = address
        self.known: ClientIdentity | None = None
        self.asserted: KnownClient | None = None
        self.tenant: Context | None = None
        self.code: StoredCode | None = None
        self.refresh: StoredRefreshToken | None = None
        self.standing: UserStanding | None = None
        self.subject: Grant | None = None
        self.target: str | None = None
        self.found: Any = None
        self.writes: list[Callable[[], Awaitable[None]]] = []

    @property
    def args(self) -> dict[str, str]:
        """Nothing is taken from the query of a POST."""
        return self.fields if self.method == "GET" else {}

    @property
    def form(self) -> dict[str, str]:
        """The body's fields."""
        return self.fields if self.method == "POST" else {}

    def client_named(self, client_id: str) -> KnownClient:
        """The client that was fetched for this request, or one that does not exist."""
        return KnownClient(self.known if self.known is not None and self.known.id == client_id else None)

    def afterwards(self, write: Callable[[], Awaitable[None]]) -> None:
        """Has `write` awaited before the transaction of this request is committed."""
        self.writes.append(write)
