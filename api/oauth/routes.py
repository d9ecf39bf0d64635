"""POST /oauth/token, /oauth/revoke and /oauth/introspect."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.base import OAuth2Error
from litestar import Request, Response, post

from api.oauth.client_authentication import claimed_id
from api.oauth.parameters import LARGEST_BODY, form_of
from api.oauth.requests import TokenRequest
from api.oauth.server import TokenServer


@post(
    "/oauth/token",
    operation_id="IssueToken",
    status_code=200,
    include_in_schema=False,
    request_max_body_size=2 * LARGEST_BODY,
)
async def issue_token(request: Request[Any, Any, Any]) -> Response[Any]:
    """RFC 6749 section 3.2: a grant becomes an access token."""
    server = server_of(request)
    try:
        return await server.token(await _token_request(request))
    except OAuth2Error as refused:
        return server.refuse(refused)


@post(
    "/oauth/revoke",
    operation_id="RevokeToken",
    status_code=200,
    include_in_schema=False,
    request_max_body_size=2 * LARGEST_BODY,
)
async def revoke_token(request: Request[Any, Any, Any]) -> Response[Any]:
    """RFC 7009: a client ends one of its tokens."""
    server = server_of(request)
    try:
        return await server.endpoint("revocation", await _token_request(request))
    except OAuth2Error as refused:
        return server.refuse(refused)


@post(
    "/oauth/introspect",
    operation_id="IntrospectToken",
    status_code=200,
    include_in_schema=False,
    request_max_body_size=2 * LARGEST_BODY,
)
async def introspect_token(request: Request[Any, Any, Any]) -> Response[Any]:
    """RFC 7662: what a token is good for."""
    server = server_of(request)
    try:
        return await server.endpoint("introspection", await _token_request(request))
    except OAuth2Error as refused:
        return server.refuse(refused)


def server_of(request: Request[Any, Any, Any]) -> TokenServer:
    """The authorization server of this process."""
    server: TokenServer = request.app.state.token_server
    return server


def address_of(request: Request[Any, Any, Any]) -> str | None:
    """The IP address that the request came from."""
    return request.client.host if request.client else None


async def _token_request(request: Request[Any, Any, Any]) -> TokenRequest:
    fields, address = await form_of(request), address_of(request)
    token_request = TokenRequest("POST", fields, request.headers.get("authorization"), address)
    await request.app.state.attempts.at_token(claimed_id(token_request), address)
    return token_request
