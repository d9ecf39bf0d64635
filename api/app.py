"""create_app(): the only wiring of routes, middleware and lifespan."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.types import ASGIApp, Receive, Send

from api.authentication import Authentication, RequestIdentity, check_scope, complete_answer
from api.gate.gate import Gate
from api.gate.limits import LIMIT_HEADERS, Admission, Attempts
from api.graphql.http import graphql
from api.hooks import provider_callback
from api.idempotency import Idempotency
from api.oauth.authorize import authorize
from api.oauth.metadata import authorization_server_metadata, json_web_key_set, protected_resource_metadata
from api.oauth.routes import introspect_token, issue_token, revoke_token
from api.oauth.server import TokenServer
from api.openapi import OPENAPI, document_of, openapi_routes
from api.pages import invitation as invitation_page
from api.pages import provider as provider_pages
from api.pages import sign_in as sign_in_pages
from api.pages import unsubscribe as unsubscribe_page
from api.problems import EXCEPTION_HANDLERS
from api.rest import ROUTES
from api.rest.system import ROUTES as SYSTEM_ROUTES
from api.wakeups import Wakeups
from domain.access.keys import Keyring
from domain.access.public_url import install_public_url
from domain.access.tokens import TokenIssuer
from domain.dunning.plan_presets import install_presets_in_new_tenants
from domain.events.address_policy import install_address_policy
from domain.kernel.settings import Settings
from domain.storage.engine import DB
from domain.storage.sealing import Sealer, install_sealer
from domain.storage.transaction import finish_after_commit, forget_commit_signals, no_longer_finish, on_any_commit


class Authenticated:
    """ASGI middleware: lets a request in whose token is valid and covers the route, and keeps its context with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Runs the request in the context of its token."""
        if scope["type"] == "http":
            await scope["litestar_app"].state.authentication(scope)
            check_scope(scope)
        await self.app(scope, receive, send)


def create_app(settings: Settings) -> Litestar:
    """The API on the database and Redis that `settings` name; both are opened when the server starts."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with resources(app.state, settings):
            yield

    inside: list[Any] = [Authenticated, Idempotency]
    app = Litestar(
        route_handlers=[
            Router("/v1", route_handlers=ROUTES, middleware=inside),
            Router("/", route_handlers=[graphql], middleware=inside),
            authorize,
            issue_token,
            revoke_token,
            introspect_token,
            authorization_server_metadata,
            protected_resource_metadata,
            json_web_key_set,
            provider_callback,
            *openapi_routes(),
            *SYSTEM_ROUTES,
            *sign_in_pages.ROUTES,
            *invitation_page.ROUTES,
            *provider_pages.ROUTES,
            *unsubscribe_page.ROUTES,
        ],
        middleware=[RequestIdentity],
        before_send=[complete_answer],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=OPENAPI,
        cors_config=CORSConfig(
            allow_origins=["*"], allow_credentials=False, expose_headers=["ETag", "Link", "Location", *LIMIT_HEADERS]
        ),
        request_max_body_size=105_000_000,
        lifespan=[lifespan],
        logging_config=None,
    )
    app.state.openapi = document_of(app)
    app.state.public_url = settings.public_url
    return app


@asynccontextmanager
async def resources(state: State, settings: Settings) -> AsyncIterator[None]:
    """What lives as long as the server: database, secret key, token issuer, signals to the workers."""
    install_sealer(Sealer.from_text(settings.secret_key))
    install_public_url(settings.public_url)
    install_address_policy(allow_private=settings.allow_private_webhooks)
    install_presets_in_new_tenants()
    opened_here = await DB.open(settings.database_url, max_connections=settings.max_connections)
    issuer = TokenIssuer(settings.public_url, await Keyring.open())
    state.gate = Gate(settings.redis_url)
    await state.gate.start()
    state.authentication = Authentication(issuer, Admission(state.gate, settings))
    state.attempts = Attempts(state.gate, settings)
    state.token_server = TokenServer(issuer)
    state.wakeups = Wakeups(settings.redis_url)
    state.wakeups.start()
    on_any_commit(state.wakeups.signal)
    finish_after_commit(state.gate.publish)
    try:
        yield
    finally:
        forget_commit_signals()
        no_longer_finish(state.gate.publish)
        await state.wakeups.stop()
        await state.gate.stop()
        if opened_here:
            await DB.close()
