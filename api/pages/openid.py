"""Asks an OpenID provider who somebody is (OpenID Connect Core 1.0 section 3.1, with PKCE), and believes only what is signed."""

from __future__ import annotations

import base64
import hmac
import warnings
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from api.outbound import TIMEOUT, PublicTransport
from domain.access.identity_providers import IdentityProvider
from domain.access.provider_sign_ins import ProvedIdentity
from domain.access.public_url import public_url
from domain.events.address_policy import private_addresses_allowed
from domain.kernel.clock import SystemClock

with warnings.catch_warnings():
    # Authlib prefers a successor of httpx that is not released as stable; ours is what it falls back to.
    warnings.simplefilter("ignore")
    from authlib.integrations.httpx_client import AsyncOAuth2Client

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_SKEW_SECONDS = 60


class ProviderError(Exception):
    """The provider cannot be reached, or does not say what it must."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One browser's way to the provider and back: state, nonce and PKCE verifier, all out of the browser's own secret."""

    browser_secret: str
    attempt: str

    def value(self, what: str) -> str:
        """An unguessable value for `what` that needs not be stored."""
        digest = hmac.digest(self.browser_secret.encode(), f"{what}|{self.attempt}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def authorization_url(provider: IdentityProvider, secret: str, trip: Trip) -> str:
    """Where the browser is sent; raises ProviderError."""
    async with _client(provider, secret) as client:
        about = await _discover(client, provider)
        url, _ = client.create_authorization_url(
            about["authorization_endpoint"],
            state=trip.value("state"),
            nonce=trip.value("nonce"),
            code_verifier=trip.value("verifier"),
        )
        return str(url)


async def identity_of(provider: IdentityProvider, secret: str, trip: Trip, code: str) -> ProvedIdentity:
    """Whom the code that came back stands for; raises ProviderError."""
    async with _client(provider, secret) as client:
        about = await _discover(client, provider)
        try:
            tokens = await client.fetch_token(
                about["token_endpoint"],
                code=code,
                code_verifier=trip.value("verifier"),
                grant_type="authorization_code",
            )
        except (httpx.HTTPError, AuthlibBaseError, ValueError) as refused:
            raise ProviderError("the code was refused") from refused
        keys = await _json(client, about["jwks_uri"])
    return _identity(provider, keys, str(tokens.get("id_token", "")), trip.value("nonce"))


def _identity(provider: IdentityProvider, keys: dict[str, Any], id_token: str, nonce: str) -> ProvedIdentity:
    registry = JWTClaimsRegistry(
        now=int(SystemClock().now().timestamp()),
        leeway=_SKEW_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims  # type: ignore[arg-type]
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as refused:
        raise ProviderError("the ID token is not valid") from refused
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise ProviderError("the ID token is for another party")
    email, subject = claims.get("email"), claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
        raise ProviderError("the subject is malformed")
    is_verified = claims.get("email_verified") is True and isinstance(email, str)
    return ProvedIdentity(issuer=provider.issuer, subject=subject, verified_email=email if is_verified else None)


def _client(provider: IdentityProvider, secret: str) -> Any:
    return AsyncOAuth2Client(
        provider.client_id,
        secret,
        scope="openid email",
        redirect_uri=f"{public_url()}/oauth/sign-in/provider/callback",
        code_challenge_method="S256",
        transport=PublicTransport(),
        timeout=TIMEOUT,
        trust_env=False,
        follow_redirects=False,
    )


async def _discover(client: Any, provider: IdentityProvider) -> dict[str, Any]:
    about = await _json(client, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if about.get("issuer") != provider.issuer:
        raise ProviderError("the provider says that it is another")
    allowed = ("https://", "http://") if private_addresses_allowed() else ("https://",)
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not str(about.get(name, "")).startswith(allowed):
            raise ProviderError(f"{name} is missing or not https")
    return about


async def _json(client: Any, url: str) -> dict[str, Any]:
    try:
        answer = await client.request("GET", url, withhold_token=True)
        body = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError) as failed:
        raise ProviderError("the provider cannot be reached") from failed
    if not isinstance(body, dict):
        raise ProviderError("the provider does not answer with JSON")
    return body
