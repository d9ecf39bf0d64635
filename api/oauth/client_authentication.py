"""Who a client says it is, and whether it is: client_secret_basic, client_secret_post, private_key_jwt (RFC 7523), none.

An unknown client and a wrong secret cost the same work and get the same answer.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import msgspec
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.authenticate_client import ClientAuthentication
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.oauth.requests import KnownClient, TokenRequest
from domain.access.assertions import use_assertion
from domain.access.clients import find_identity
from domain.kernel.clock import SystemClock

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
WITH_CREDENTIALS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
ASSERTION_ALGORITHMS = ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"]
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LEEWAY = timedelta(seconds=60)
# An assertion is made for one request; one that is good for longer would have to be remembered for longer.
_LONGEST_ASSERTION = timedelta(hours=1)


class _Assertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """Authlib's check of an assertion; the id is looked at afterwards, in the database."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, audiences: list[str]) -> None:
        super().__init__(leeway=int(_LEEWAY.total_seconds()))
        self._audiences = audiences
        self.jti = ""
        self.expires_at = datetime.min.replace(tzinfo=UTC)

    def get_audiences(self) -> list[str]:
        return self._audiences

    def resolve_client_public_key(self, client: KnownClient) -> KeySet:
        return KeySet.import_key_set(client.identity.jwks or {"keys": []})  # type: ignore[arg-type]

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        token = jwt.decode(assertion, resolve_key, algorithms=ASSERTION_ALGORITHMS)
        self.verify_claims(token.claims)
        self.expires_at = datetime.fromtimestamp(token.claims["exp"], UTC)
        if self.expires_at > SystemClock().now() + _LONGEST_ASSERTION:
            raise InvalidClientError
        return token.claims

    def validate_jti(self, claims: Any, jti: Any) -> bool:
        self.jti = jti if isinstance(jti, str) else ""
        return 1 <= len(self.jti) <= 500


async def fetch_client(request: TokenRequest, audiences: list[str]) -> None:
    """Finds the client that the request claims to come from; an assertion is verified and used up here."""
    claimed = claimed_id(request)
    request.known = await find_identity(claimed) if claimed else None
    if "client_assertion" in request.fields and request.known is not None:
        request.asserted = await _asserted(request, audiences)


def authenticate(request: TokenRequest, methods: Any, endpoint: str) -> KnownClient:
    """The client, proved by the one of `methods` that it registered; raises InvalidClientError with the same words for all faults."""
    authentication = ClientAuthentication(request.client_named)
    authentication.register("private_key_jwt", lambda _query, _request: request.asserted)
    try:
        client: KnownClient = authentication(request, methods, endpoint)
    except InvalidClientError as refused:
        raise InvalidClientError("Client authentication failed.", status_code=401) from refused
    return client


def claimed_id(request: TokenRequest) -> str | None:
    """The client that the request says it comes from, not proved yet; raises InvalidRequestError if it says so in two ways."""
    fields, authorization = request.fields, request.headers.get("Authorization")
    if sum([authorization is not None, "client_secret" in fields, "client_assertion" in fields]) > 1:
        raise InvalidRequestError("A client authenticates itself in one way at a time.")
    named = fields.get("client_id")
    if authorization is not None:
        proved = _basic_id(authorization)
    elif "client_assertion" in fields:
        proved = (
            _subject_of(fields["client_assertion"]) if fields.get("client_assertion_type") == _ASSERTION_TYPE else None
        )
    else:
        return named
    return proved if named in (None, proved) else None


def _basic_id(authorization: str) -> str | None:
    kind, _, credentials = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return unquote(base64.b64decode(credentials, validate=True).decode("ascii").partition(":")[0]) or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def _subject_of(assertion: str) -> str | None:
    """Whose the assertion says it is; believed only once its signature is checked with that client's keys."""
    parts = assertion.split(".")
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, binascii.Error, ValueError, msgspec.DecodeError):
        return None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else None


async def _asserted(request: TokenRequest, audiences: list[str]) -> KnownClient | None:
    assertion, identity = _Assertion(audiences), request.known
    if identity is None or identity.jwks is None:
        return None
    try:
        client: KnownClient | None = assertion(request.client_named, request)
    except (InvalidClientError, JoseError, ValueError, TypeError, OverflowError):
        return None
    fresh = await use_assertion(identity, assertion.jti, assertion.expires_at + _LEEWAY)
    return client if fresh else None
