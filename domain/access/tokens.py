"""Access tokens: short-lived signed JWTs as RFC 9068 describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jwt import JWTClaimsRegistry

from domain.access.model import ClientIdentity
from domain.kernel.clock import SystemClock
from domain.kernel.errors import Unauthenticated
from domain.kernel.ids import is_id, new_id

LIFETIME = timedelta(minutes=15)
AUDIENCE = "dunwell"
_CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a verified token says: who acts, for which platform and (unless None) inside which tenant, with which scopes."""

    jti: str
    client_id: str
    platform_id: str
    tenant_id: str | None
    scopes: frozenset[str]
    expires_at: float

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids by which the token can be revoked."""
        return tuple(named for named in (self.jti, self.client_id, self.tenant_id) if named)


class TokenIssuer:
    """Signs and verifies access tokens for one issuer; remembers verified tokens until they expire."""

    def __init__(self, issuer: str, key: ECKey) -> None:
        self._issuer = issuer
        self._key = key
        self._verified: dict[str, Grant] = {}
        self._claims = JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
        )

    def issue(self, identity: ClientIdentity, scopes: frozenset[str]) -> str:
        """A signed token for `identity` with `scopes`, good for `LIFETIME`."""
        now = SystemClock().now()
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": identity.id,
            "client_id": identity.id,
            "platform": identity.platform_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": new_id("tok"),
            "scope": " ".join(sorted(scopes)),
        }
        if identity.tenant_id is not None:
            claims["tenant"] = identity.tenant_id
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self._key.kid}, claims, self._key)

    def verify(self, token: str) -> Grant:
        """What the token grants; raises Unauthenticated if it is not ours, not valid or expired."""
        grant = self._verified.get(token)
        if grant is None:
            grant = self._decode(token)
            if len(self._verified) >= _CACHE_SIZE:
                self._verified.clear()
            self._verified[token] = grant
        if grant.expires_at <= SystemClock().now().timestamp():
            self._verified.pop(token, None)
            raise Unauthenticated("token_expired", "The access token has expired.")
        return grant

    def _decode(self, token: str) -> Grant:
        try:
            decoded = jwt.decode(token, self._key, algorithms=["ES256"])
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError) as refused:
            raise Unauthenticated("invalid_token", "The access token is not valid.") from refused
        claims = decoded.claims
        if decoded.header.get("typ") != "at+jwt" or not is_id(str(claims.get("platform")), "plt"):
            raise Unauthenticated("invalid_token", "The access token is not valid.")
        if not is_id(str(claims.get("jti")), "tok"):
            raise Unauthenticated("invalid_token", "The access token is not valid.")
        return Grant(
            jti=claims["jti"],
            client_id=claims["client_id"],
            platform_id=claims["platform"],
            tenant_id=claims.get("tenant"),
            scopes=frozenset(claims["scope"].split()),
            expires_at=float(claims["exp"]),
        )
