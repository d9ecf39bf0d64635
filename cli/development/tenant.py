"""A tenant to play with, made as an integrator would make one: by the platform's client, through the public API."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import aiohttp

from cli.demo.client import ApiError, Client
from cli.development.state import Credentials
from domain.kernel.scopes import TENANT_SCOPES

USER_EMAIL = "dev@dunwell.example"
# A native app listens wherever it can; the port is left open (RFC 8252 section 7.3).
PRESET = "preset:standard"
CALLBACK = "http://127.0.0.1/callback"


async def make_tenant(base_url: str, operator: dict[str, str]) -> Credentials:
    """A sandbox whose test clock stands at this minute, a client that may do everything in it, an app, and an admin for it."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    tenant = {
        "name": "Development",
        "mode": "sandbox",
        "base_currency": "CNY",
        "time_zone": "Asia/Shanghai",
        "locale": "zh-CN",
        "test_clock_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    async with Client(base_url, operator["client_id"], operator["client_secret"]) as platform:
        made = await platform.post("/v1/tenants", tenant)
        path = f"/v1/tenants/{made['id']}/clients"
        client = await platform.post(path, {"name": "Development", "scopes": sorted(TENANT_SCOPES)})
    async with Client(base_url, client["client_id"], client["client_secret"]) as own:
        app = await own.post("/v1/clients", _app())
        await _publish_preset(own)
        invited = await own.post("/v1/users", {"name": "Dev", "email": USER_EMAIL, "role": "admin"})
    password = secrets.token_urlsafe(12)
    await _accept(base_url, invited["invitation_url"], password)
    return Credentials(
        tenant_id=made["id"],
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        platform_client_id=operator["client_id"],
        platform_client_secret=operator["client_secret"],
        app_client_id=app["client"]["client_id"],
        user_email=USER_EMAIL,
        user_password=password,
    )


async def _publish_preset(own: Client) -> None:
    """What comes with Dunwell as a draft reminds from the start; a plan that is made the default one later takes its place."""
    plans = [plan async for plan in own.list("/v1/reminder-plans")]
    (plan,) = (plan for plan in plans if plan["external_id"] == PRESET)
    await own.patch(f"/v1/reminder-plans/{plan['id']}", {"is_default": True})
    await own.post(f"/v1/reminder-plans/{plan['id']}/publish", {})


def _app() -> dict[str, Any]:
    return {
        "name": "Development app",
        "type": "public",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "scopes": sorted(TENANT_SCOPES),
    }


async def _accept(base_url: str, invitation_url: str, password: str) -> None:
    """Fills in the page behind the link, as the invited person would."""
    form = {"password": password, "repeated": password}
    async with aiohttp.ClientSession() as session:
        async with session.post(invitation_url, data=form, headers={"Origin": base_url}) as answer:
            if answer.status != 200:
                raise ApiError("POST", "the invitation", answer.status, (await answer.text())[:200])
