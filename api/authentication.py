"""From the bearer token of a request to the context in which it works."""

from __future__ import annotations

import random
from typing import Any

import structlog
from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Send
from prometheus_client import Histogram

from api.gate.limits import Admission, Headers
from domain.access.profile import context_for
from domain.access.tokens import Grant, TokenIssuer
from domain.kernel.clock import monotonic_seconds
from domain.kernel.context import Actor, AnyContext, Context, PlatformContext
from domain.kernel.errors import Forbidden, Unauthenticated
from domain.kernel.usecase import check, declared

logger = structlog.get_logger("dunwell.api")
# Reads are logged only when debugging; what changes something always is.
_QUIET = {"GET", "HEAD", "OPTIONS"}
REQUESTS = Histogram("dunwell_requests", "Seconds until a request's answer began.", ["method", "route", "status"])


class RequestIdentity:
    """ASGI middleware: gives each request an id, which logs, problems and the answer's `X-Request-Id` carry."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Runs the request under its id."""
        if scope["type"] == "http":
            request_id = f"req_{random.getrandbits(96):024x}"
            state = scope.setdefault("state", {})
            state["request_id"], state["began"] = request_id, monotonic_seconds()
            structlog.contextvars.bind_contextvars(request_id=request_id)
        await self.app(scope, receive, send)


async def complete_answer(message: Message, scope: Any) -> None:
    """Adds what every answer carries: the request's id and the state of its limits; measures and logs the request.

    A hook of the application and no middleware, since Litestar answers errors outside the middleware that raised them.
    """
    state = scope.get("state", {})
    if message["type"] != "http.response.start" or "began" not in state:
        return
    route, took = str(scope.get("path_template", "unmatched")), monotonic_seconds() - state["began"]
    REQUESTS.labels(scope["method"], route, str(message["status"])).observe(took)
    log = logger.debug if scope["method"] in _QUIET else logger.info
    log("request", method=scope["method"], route=route, status=message["status"], seconds=round(took, 4))
    identity = (b"x-request-id", state["request_id"].encode())
    message["headers"] = [*message.get("headers", []), identity, *state.get("limits", ())]


class Authentication:
    """Verifies tokens with the issuer of this process, has the gate admit them and keeps the context with the request."""

    def __init__(self, issuer: TokenIssuer, admission: Admission) -> None:
        self.issuer = issuer
        self.admission = admission

    async def __call__(self, scope: Any) -> AnyContext:
        """The context of a request, made once; raises Unauthenticated."""
        state: dict[str, Any] = scope.setdefault("state", {})
        if "context" not in state:
            grant = await self.issuer.grant_of(_bearer(scope))
            headers: Headers = []
            state["limits"] = headers
            await self.admission.admit(grant.jti, grant.subjects, grant.client_id, grant.tenant_id, headers)
            state["context"] = await self._context(grant, address_of(scope), state.get("request_id"))
        context: AnyContext = state["context"]
        return context

    async def _context(self, grant: Grant, address: str | None, request_id: str | None) -> AnyContext:
        actor = actor_of(grant, address)
        if grant.tenant_id is None:
            return PlatformContext(
                platform_id=grant.platform_id, actor=actor, scopes=grant.scopes, request_id=request_id
            )
        structlog.contextvars.bind_contextvars(tenant_id=grant.tenant_id)
        limited_to = grant.user_id if grant.own_customers else None
        return await context_for(grant.tenant_id, actor, grant.scopes, request_id, customers_of=limited_to)


def actor_of(grant: Grant, address: str | None) -> Actor:
    """Who acts by this token: a user through a client, or the client itself."""
    if grant.user_id is not None:
        return Actor("user", grant.user_id, grant.client_id, address)
    return Actor("client", grant.client_id, grant.client_id, address)


def address_of(scope: Any) -> str | None:
    """The IP address that the request came from, as the server (or its trusted proxy setting) says."""
    client = scope.get("client")
    return client[0] if client else None


def check_scope(scope: Any) -> None:
    """The caller may run the use case that the matched route declares; asked before the body is read.

    Not a Litestar guard, because Litestar copies the route handler for each call of one.
    """
    use_case = scope["route_handler"].opt.get("use_case")
    if use_case is not None:
        check(declared(use_case), scope["state"]["context"])


def owner_context(request: Request[Any, Any, Any]) -> AnyContext:
    """The platform or tenant for which this request works."""
    context: AnyContext = request.scope["state"]["context"]
    return context


def tenant_context(request: Request[Any, Any, Any]) -> Context:
    """The tenant in which this request works."""
    context = request.scope["state"]["context"]
    if not isinstance(context, Context):
        raise Forbidden("tenant_token_required", "This needs a token of a tenant.")
    return context


def platform_context(request: Request[Any, Any, Any]) -> PlatformContext:
    """The platform for which this request works."""
    context = request.scope["state"]["context"]
    if not isinstance(context, PlatformContext):
        raise Forbidden("platform_token_required", "This needs a token of a platform.")
    return context


def _bearer(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            text: str = value.decode("latin-1")
            kind, _, token = text.partition(" ")
            if kind.lower() == "bearer" and token:
                return token.strip()
            raise Unauthenticated("invalid_token", "The Authorization header carries no bearer token.")
    raise Unauthenticated("token_missing", "This needs an access token in the Authorization header.")
