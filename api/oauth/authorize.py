"""GET and POST /oauth/authorize: checks who asks for what and hands the browser over to the sign-in pages.

Until client and redirect URI are known to be good, a fault is shown here and leads nowhere; after that the client is told by
redirect (RFC 6749 section 4.1.2.1), with `iss` (RFC 9207).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidRequestError,
    UnsupportedResponseTypeError,
    scope_to_list,
)
from litestar import HttpMethod, Request, Response, route

from api.oauth.parameters import LARGEST_BODY, pairs_of, parameters, query_of
from api.oauth.requests import KnownClient, TokenRequest
from api.oauth.routes import address_of, server_of
from api.oauth.server import NO_STORE, TokenServer
from api.pages.cookies import sign_in_cookie
from api.pages.rendering import page
from domain.access.clients import find_identity
from domain.access.grants import is_tenant_active
from domain.access.model import ClientIdentity
from domain.access.sign_ins import begin_sign_in
from domain.kernel.context import Actor, PlatformContext
from domain.kernel.ids import is_id
from domain.storage.transaction import reading

SIGN_IN_PATH = "/oauth/sign-in"
_SINGLE = {"client_id", "redirect_uri"}


class _ShownError(Exception):
    """The request leads nowhere; the person is told why."""


@route(
    "/oauth/authorize",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    operation_id="Authorize",
    include_in_schema=False,
    request_max_body_size=2 * LARGEST_BODY,
)
async def authorize(request: Request[Any, Any, Any]) -> Response[Any]:
    """RFC 6749 section 4.1.1, with PKCE (RFC 7636)."""
    server = server_of(request)
    try:
        pairs = await _pairs(request)
        identity, redirect_uri = await _where_to(pairs)
    except (_ShownError, OAuth2Error) as refused:
        said = refused.description if isinstance(refused, OAuth2Error) else str(refused)
        return page(request, "message", status=400, about="not_valid", detail=said)
    try:
        fields = parameters(pairs)
        return await _begin(request, server, identity, fields)
    except OAuth2Error as refused:
        return redirect_back(server.issuer.issuer, redirect_uri, dict(refused.get_body()), _state_of(pairs))


def redirect_back(issuer: str, redirect_uri: str, answer: dict[str, str], state: str | None) -> Response[Any]:
    """Sends the browser back to the client with `answer`, `state` and `iss`."""
    answer = {**answer, **({"state": state} if state else {}), "iss": issuer}
    joined = "&" if "?" in redirect_uri else "?"
    location = f"{redirect_uri}{joined}{urlencode(answer)}"
    return Response(None, status_code=303, headers={"Location": location, "Referrer-Policy": "no-referrer", **NO_STORE})


async def _pairs(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    if request.method == "GET":
        return query_of(request)
    if request.scope["query_string"]:
        raise _ShownError("Its parameters are in two places.")
    body = await request.body()
    if request.content_type[0] != "application/x-www-form-urlencoded" or len(body) > LARGEST_BODY:
        raise _ShownError("Its body is not the form that is expected.")
    return pairs_of(body)


async def _where_to(pairs: list[tuple[str, str]]) -> tuple[ClientIdentity, str]:
    """The client, and an address that it registered; without both nobody is sent anywhere."""
    first = parameters([pair for pair in pairs if pair[0] in _SINGLE])
    identity = await find_identity(first["client_id"]) if "client_id" in first else None
    if identity is None or not identity.usable:
        raise _ShownError("The app that sent you here is not known.")
    redirect_uri = first.get("redirect_uri")
    if redirect_uri is None or not KnownClient(identity).check_redirect_uri(redirect_uri):
        raise _ShownError("The app wants an answer at an address that it has not registered.")
    return identity, redirect_uri


async def _begin(
    request: Request[Any, Any, Any], server: TokenServer, identity: ClientIdentity, fields: dict[str, str]
) -> Response[Any]:
    if fields.get("response_type") != "code":
        raise UnsupportedResponseTypeError(None)
    if "request" in fields or "request_uri" in fields or fields.get("response_mode", "query") != "query":
        raise InvalidRequestError("Request objects and other response modes are not supported.")
    asked = TokenRequest("GET", fields, None, address_of(request))
    asked.known = identity
    server.for_request(asked).get_consent_grant(asked)
    tenant_id = await _tenant_of(identity, fields.get("tenant"))
    begun = await begin_sign_in(
        client_id=identity.id,
        client_name=identity.name,
        platform_id=identity.platform_id,
        tenant_id=tenant_id,
        redirect_uri=fields["redirect_uri"],
        scopes=frozenset(scope_to_list(fields["scope"])),
        state=fields.get("state"),
        code_challenge=fields["code_challenge"],
    )
    headers = {"Location": SIGN_IN_PATH, "Referrer-Policy": "no-referrer", **NO_STORE}
    return Response(None, status_code=303, headers=headers, cookies=[sign_in_cookie(begun.browser_secret)])


async def _tenant_of(identity: ClientIdentity, asked: str | None) -> str | None:
    """Where the user is to sign in: the client's tenant, or the one of its platform that the request names."""
    if identity.tenant_id is not None:
        if asked not in (None, identity.tenant_id):
            raise InvalidRequestError("tenant is another than the tenant of the client.")
        return identity.tenant_id
    if asked is None:
        return None
    ctx = PlatformContext(platform_id=identity.platform_id, actor=Actor("client", identity.id, identity.id))
    if not is_id(asked, "tnt"):
        raise InvalidRequestError("tenant is no tenant of this platform.")
    async with reading(ctx) as tx:
        if not await tx.fetchval("select exists (select from tenants where id = $1)", asked):
            raise InvalidRequestError("tenant is no tenant of this platform.")
        if not await is_tenant_active(ctx, asked):
            raise AccessDeniedError("The tenant is not active.")
    return asked


def _state_of(pairs: list[tuple[str, str]]) -> str | None:
    """The state, if it is one; a repeated or malformed one is not sent back."""
    given = [value for name, value in pairs if name == "state"]
    try:
        return parameters([("state", given[0])]).get("state") if len(given) == 1 else None
    except InvalidRequestError:
        return None
