"""PURE: the assertion by which a Google service account asks for an access token (RFC 7523, RS256)."""

from __future__ import annotations

from joserfc import jwt
from joserfc.jwk import RSAKey

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MESSAGING = "https://www.googleapis.com/auth/firebase.messaging"
LIFETIME = 3600


def assertion(private_key: str, *, client_email: str, key_id: str | None, audience: str, issued_at: int) -> str:
    """A signed JWT; `private_key` is PEM, `issued_at` seconds since 1970. Raises ValueError for what is no RSA key.

    Source: developers.google.com/identity/protocols/oauth2/service-account.
    """
    key = RSAKey.import_key(private_key)
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    claims = {
        "iss": client_email,
        "scope": MESSAGING,
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + LIFETIME,
    }
    return jwt.encode(header, claims, key, algorithms=["RS256"])
