"""The steps of OAuth flows as a client's program takes them; the consent page is played by `add_code`."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

import httpx
import msgspec

from domain.access.codes import add_code
from domain.access.model import RegisteredClient
from domain.access.own_clients import register_client
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext, Context
from domain.kernel.ids import new_id
from domain.storage.transaction import transaction

CALLBACK = "https://app.example/callback"
SCOPES = ["customers:read", "receivables:read"]
VERIFIER = "a-verifier-of-the-tests-with-more-than-43-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


async def an_app(ctx: AnyContext, **overrides: Any) -> RegisteredClient:
    """A public client that logs users in."""
    fields: dict[str, Any] = {
        "name": "Mobile app",
        "type": "public",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "scopes": SCOPES,
        **overrides,
    }
    return await register_client(ctx, **fields)


async def a_user(ctx: Context, role: str = "admin", *, own_customers_only: bool = False) -> str:
    """An active user of the tenant; the id."""
    user_id, now = new_id("usr"), SystemClock().now()
    email = f"{secrets.token_hex(8)}@acme.example"
    async with transaction(ctx) as tx:
        await tx.execute(
            "insert into users (tenant_id, id, name, sealed_email, email_hash, role, own_customers_only, status, version,"
            " created_at, updated_at) values ($1, $2, 'Li Na', $3, $4, $5, $6, 'active', 1, $7, $7)",
            ctx.tenant_id,
            user_id,
            ctx.keys.seal(email.encode(), "users", user_id, "email"),
            ctx.keys.search_hash(email),
            role,
            own_customers_only,
            now,
        )
    return user_id


async def a_code(ctx: Context, app: RegisteredClient, user_id: str, **overrides: Any) -> str:
    """A code, as the consent page makes it."""
    fields: dict[str, Any] = {
        "client_id": app.client.client_id,
        "user_id": user_id,
        "redirect_uri": CALLBACK,
        "scopes": frozenset(SCOPES),
        "code_challenge": CHALLENGE,
        **overrides,
    }
    async with transaction(ctx):
        return await add_code(ctx, **fields)


async def redeem(http: httpx.AsyncClient, app: RegisteredClient, code: str, /, **overrides: str) -> httpx.Response:
    """The token request for a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app.client.client_id,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **overrides,
    }
    return await http.post("/oauth/token", data={name: value for name, value in form.items() if value})


async def refresh(http: httpx.AsyncClient, app: RegisteredClient, token: str, **more: str) -> httpx.Response:
    """The token request for a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.client.client_id, **more}
    return await http.post("/oauth/token", data=form)


async def logged_in(http: httpx.AsyncClient, ctx: Context, app: RegisteredClient, user_id: str) -> dict[str, Any]:
    """The tokens of a user who has just logged in."""
    answer = await redeem(http, app, await a_code(ctx, app, user_id))
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def claims_of(token: str) -> dict[str, Any]:
    """What an access token says, unverified."""
    return _json(token.split(".")[1])


def _json(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded
