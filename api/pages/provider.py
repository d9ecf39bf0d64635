"""/oauth/sign-in/provider: to the tenant's own OpenID provider and back."""

from __future__ import annotations

import hmac
from typing import Any

import structlog
from litestar import Request, Response, get

from api.pages.cookies import browser_secret_of
from api.pages.openid import ProviderError, Trip, authorization_url, identity_of
from api.pages.rendering import page
from api.pages.sign_in import address_of, after_proof, expired_page, redirect_to
from domain.access.proofs import Refused
from domain.access.provider_sign_ins import ProvedIdentity, prove_identity, provider_with_secret
from domain.access.sign_ins import SignIn, begin_provider_attempt, find_sign_in, use_provider_attempt

logger = structlog.get_logger("dunwell.api")


@get("/oauth/sign-in/provider", include_in_schema=False)
async def go_to_provider(request: Request[Any, Any, Any]) -> Response[str]:
    """Sends the browser to the provider; a page of ours must have led here."""
    secret = browser_secret_of(request)
    sign_in = await find_sign_in(secret)
    chosen = await provider_with_secret(sign_in) if sign_in and sign_in.stage == "identify" else None
    if sign_in is None or chosen is None or request.headers.get("sec-fetch-site") == "cross-site":
        return expired_page(request)
    trip = Trip(secret, await begin_provider_attempt(sign_in))
    try:
        return redirect_to(await authorization_url(*chosen, trip))
    except ProviderError as failed:
        logger.warning("identity provider failed", why=str(failed))
        return await after_proof(request, sign_in, secret, Refused("wrong"), "provider_failed")


@get("/oauth/sign-in/provider/callback", include_in_schema=False)
async def come_from_provider(request: Request[Any, Any, Any]) -> Response[str]:
    """Judges what the provider says; each trip is judged once."""
    secret = browser_secret_of(request)
    sign_in = await find_sign_in(secret)
    if sign_in is None or sign_in.stage != "identify" or sign_in.provider_attempt is None:
        return expired_page(request)
    trip = Trip(secret, sign_in.provider_attempt)
    if not hmac.compare_digest(request.query_params.get("state", "").encode(), trip.value("state").encode()):
        # Perhaps somebody else's link: the sign-in that is under way stays as it is.
        return page(request, "message", status=400, about="error")
    if not await use_provider_attempt(sign_in):
        return expired_page(request)
    identity = await _identity(request, sign_in, trip)
    answer = await prove_identity(sign_in, identity, address_of(request))
    return await after_proof(request, sign_in, secret, answer, "provider_failed")


async def _identity(request: Request[Any, Any, Any], sign_in: SignIn, trip: Trip) -> ProvedIdentity | None:
    chosen, code = await provider_with_secret(sign_in), request.query_params.get("code", "")
    if chosen is None or not code or request.query_params.get("iss", chosen[0].issuer) != chosen[0].issuer:
        return None
    try:
        return await identity_of(*chosen, trip, code)
    except ProviderError as failed:
        logger.warning("identity provider failed", why=str(failed))
        return None


ROUTES = [go_to_provider, come_from_provider]
