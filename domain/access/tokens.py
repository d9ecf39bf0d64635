"""Access tokens: short-lived signed JWTs as RFC 9068 describes them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from domain.access.keys import Keyring
from domain.kernel.clock import Clock, SystemClock
from domain.kernel.errors import Unauthenticated
from domain.kernel.ids import is_id, new_id

LIFETIME = timedelta(minutes=15)
AUDIENCE = "dunwell"
# Clocks of machines differ; a token from further ahead than this is refused.
_LEEWAY_SECONDS = 60
_CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """On whose behalf a token acts: a client for a platform, or (unless None) inside a tenant, or a user through a grant."""

    client_id: str
    platform_id: str
    tenant_id: str | None
    user_id: str | None = None
    grant_id: str | None = None
    role: str | None = None
    own_customers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a verified token says: who acts, for which platform and (unless None) inside which tenant, with which scopes."""

    jti: str
    client_id: str
    platform_id: str
    tenant_id: str | None
    scopes: frozenset[str]
    issued_at: float
    expires_at: float
    user_id: str | None = None
    grant_id: str | None = None
    role: str | None = None
    own_customers: bool = False

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids by which the token can be revoked."""
        named = (self.jti, self.grant_id, self.client_id, self.user_id, self.tenant_id)
        return tuple(subject for subject in named if subject)


class TokenIssuer:
    """Signs and verifies access tokens for one issuer; remembers verified tokens until they expire."""

    def __init__(self, issuer: str, keys: Keyring, clock: Clock | None = None) -> None:
        self.issuer = issuer
        self.keys = keys
        self._clock = clock or SystemClock()
        self._verified: dict[str, Grant] = {}
        self._claims = JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
            sub={"essential": True},
        )

    def issue(self, subject: Subject, scopes: frozenset[str]) -> str:
        """A signed token for `subject` with `scopes`, good for `LIFETIME`."""
        now, key = self._clock.now(), self.keys.signer()
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": subject.user_id or subject.client_id,
            "client_id": subject.client_id,
            "platform": subject.platform_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": new_id("tok"),
            "scope": " ".join(sorted(scopes)),
        }
        if subject.tenant_id is not None:
            claims["tenant"] = subject.tenant_id
        if subject.user_id is not None:
            claims |= {"grant": subject.grant_id, "role": subject.role, "own_customers": subject.own_customers}
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key.key)

    async def grant_of(self, token: str) -> Grant:
        """What the token grants; reads the signing keys again if it names one that came since."""
        if token not in self._verified:
            await self.keys.freshen(_kid_of(token))
        return self.verify(token)

    def verify(self, token: str) -> Grant:
        """What the token grants; raises Unauthenticated if it is not ours, not valid or expired."""
        grant = self._verified.get(token)
        if grant is None:
            grant = self._decode(token)
            if len(self._verified) >= _CACHE_SIZE:
                self._verified.clear()
            self._verified[token] = grant
        if grant.expires_at <= self._clock.now().timestamp():
            self._verified.pop(token, None)
            raise Unauthenticated("token_expired", "The access token has expired.")
        return grant

    def _decode(self, token: str) -> Grant:
        key = self.keys.find(_kid_of(token) or "")
        if key is None:
            raise _invalid()
        try:
            decoded = jwt.decode(token, key, algorithms=["ES256"])
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, TypeError) as refused:
            raise _invalid() from refused
        claims = decoded.claims
        if decoded.header.get("typ") != "at+jwt" or not is_id(str(claims.get("platform")), "plt"):
            raise _invalid()
        if not is_id(str(claims["jti"]), "tok"):
            raise _invalid()
        user_id = claims["sub"] if claims["sub"] != claims["client_id"] else None
        return Grant(
            jti=claims["jti"],
            client_id=claims["client_id"],
            platform_id=claims["platform"],
            tenant_id=claims.get("tenant"),
            scopes=frozenset(claims["scope"].split()),
            issued_at=float(claims["iat"]),
            expires_at=float(claims["exp"]),
            user_id=user_id,
            grant_id=claims.get("grant"),
            role=claims.get("role"),
            own_customers=bool(claims.get("own_customers")),
        )


def _invalid() -> Unauthenticated:
    return Unauthenticated("invalid_token", "The access token is not valid.")


def _kid_of(token: str) -> str | None:
    """The name of the key that the token says it was signed with; nothing is believed before its signature is checked."""
    head = token.partition(".")[0]
    try:
        header = msgspec.json.decode(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None
