"""The authorization server: Authlib's, fed by our async stores.

Authlib's server side is synchronous. So each request is answered in three steps: what it can need is fetched (rows locked, in one
transaction bound to the tenant that the code or token names), Authlib decides without awaiting, and what it decided is written and
committed, also when the answer is a refusal: a replayed code must end its grant. No thread or greenlet bridge is needed.
"""

from __future__ import annotations

import copy
from contextlib import AsyncExitStack
from typing import Any

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.base import OAuth2Error
from litestar import Response

from api.oauth.client_authentication import authenticate, fetch_client
from api.oauth.grants import S256, AuthorizationCode, ClientCredentials, RefreshToken, TokenExchange
from api.oauth.requests import TOKEN_EXCHANGE, KnownClient, TokenRequest
from api.oauth.token_endpoints import Introspection, Revocation, find_token
from domain.access.codes import lock_code, tenant_named_by
from domain.access.grants import is_revoked, is_tenant_active, lock_refresh_token, standing_of
from domain.access.tokens import TokenIssuer
from domain.kernel.context import Actor, Context, PlatformContext
from domain.kernel.errors import Unauthenticated
from domain.kernel.ids import is_id
from domain.storage.transaction import reading, transaction

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CHALLENGE = 'Basic realm="dunwell", charset="UTF-8"'


class TokenServer(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server with our client store and token format; `for_request` makes the one that answers a request."""

    def __init__(self, issuer: TokenIssuer) -> None:
        super().__init__()
        self.issuer = issuer
        self.request: TokenRequest | None = None
        self.register_grant(ClientCredentials)
        self.register_grant(AuthorizationCode, [S256(required=True)])
        self.register_grant(RefreshToken)
        self.register_grant(TokenExchange)

    def for_request(self, request: TokenRequest) -> TokenServer:
        """A server that knows this request alone: nothing of one request can be seen by another."""
        bound = copy.copy(self)
        bound.request = request
        bound._endpoints = {}
        bound.register_endpoint(Revocation)
        bound.register_endpoint(Introspection)
        return bound

    def audiences(self) -> list[str]:
        """Whom a client's assertion may be addressed to."""
        return [self.issuer.issuer, f"{self.issuer.issuer}/oauth/token"]

    # What Authlib asks for.

    def query_client(self, client_id: str) -> KnownClient | None:
        """The client that was fetched for this request."""
        assert self.request is not None
        known = self.request.known
        return KnownClient(known) if known is not None and known.id == client_id and known.usable else None

    def authenticate_client(self, request: TokenRequest, methods: Any, endpoint: str = "token") -> KnownClient:
        """By the method that it registered."""
        return authenticate(request, methods, endpoint)

    def save_token(self, token: dict[str, Any], request: TokenRequest) -> None:
        """Access tokens are self-contained; refresh tokens are stored by their grants."""

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """Ours already is one."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response[Any]:
        """As Litestar sends it."""
        kept = {name: value for name, value in dict(headers).items() if name.lower() != "www-authenticate"}
        challenge = {"WWW-Authenticate": _CHALLENGE} if status == 401 else {}
        content = dict(body) if isinstance(body, list) else body
        return Response(content, status_code=status, headers={**kept, **challenge, **NO_STORE})

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    # What the routes ask for.

    async def token(self, request: TokenRequest) -> Response[Any]:
        """Answers a token request."""
        await fetch_client(request, self.audiences())
        async with AsyncExitStack() as stack:
            await self._fetch(request, stack)
            response: Response[Any] = self.for_request(request).create_token_response(request)
            await _write(request)
        return response

    async def endpoint(self, name: str, request: TokenRequest) -> Response[Any]:
        """Answers a revocation or introspection request."""
        await fetch_client(request, self.audiences())
        if request.known is not None and (text := request.fields.get("token")):
            request.found = await find_token(text, self.issuer, request.known)
        response: Response[Any] = self.for_request(request).create_endpoint_response(name, request)
        await _write(request)
        return response

    def refuse(self, error: OAuth2Error) -> Response[Any]:
        """An RFC 6749 section 5.2 error."""
        return self.handle_response(*error())

    async def _fetch(self, request: TokenRequest, stack: AsyncExitStack) -> None:
        """What the grant can need, before Authlib runs."""
        fields, grant_type = request.fields, request.fields.get("grant_type")
        if request.known is None:
            return
        if grant_type == TOKEN_EXCHANGE:
            await self._fetch_exchange(request)
        name = {"authorization_code": "code", "refresh_token": "refresh_token"}.get(grant_type or "")
        tenant_id = tenant_named_by(fields.get(name, "")) if name else None
        if tenant_id is None:
            return
        ctx = Context(tenant_id=tenant_id, actor=Actor("client", request.known.id, request.known.id, request.address))
        await stack.enter_async_context(transaction(ctx))
        request.tenant = ctx
        if name == "code":
            request.code = await lock_code(ctx, fields["code"])
        else:
            request.refresh = await lock_refresh_token(ctx, fields["refresh_token"])
        stored = request.code or request.refresh
        if stored is not None:
            request.standing = await standing_of(ctx, stored.user_id)

    async def _fetch_exchange(self, request: TokenRequest) -> None:
        known, fields = request.known, request.fields
        target = self._target(fields)
        if known is None or known.tenant_id is not None:
            return
        try:
            subject = await self.issuer.grant_of(fields.get("subject_token", ""))
        except Unauthenticated:
            return
        ctx = PlatformContext(platform_id=known.platform_id, actor=Actor("client", known.id, known.id, request.address))
        async with reading(ctx):
            if not await is_revoked(ctx, subject.jti, subject.client_id):
                request.subject = subject
            if target is not None and await is_tenant_active(ctx, target):
                request.target = target

    def _target(self, fields: dict[str, str]) -> str | None:
        prefix = f"{self.issuer.issuer}/tenants/"
        named = {fields.get("audience"), fields.get("resource", "").removeprefix(prefix) or None} - {None}
        if "resource" in fields and not fields["resource"].startswith(prefix):
            return None
        target = named.pop() if len(named) == 1 else None
        return target if target is not None and is_id(target, "tnt") else None


async def _write(request: TokenRequest) -> None:
    for write in request.writes:
        await write()
