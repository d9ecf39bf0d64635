"""The npm package oauth4webapi, which knows nothing of us, goes through every flow against the served API."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from litestar import Litestar

from domain.access.clients import create_client
from domain.access.model import NewClient, RegisteredClient, Tenant
from domain.kernel.context import Context, PlatformContext
from tests.api.oauth_flows import CALLBACK, a_code, a_user, an_app

JUDGES = Path(__file__).parent / "node"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: oauth4webapi cannot judge")
@pytest.mark.skipif(
    not (JUDGES / "node_modules" / "oauth4webapi").exists(), reason="npm could not install oauth4webapi"
)
async def test_oauth4webapi_goes_through_every_flow(
    app: Litestar, base_url: str, platform: tuple[PlatformContext, NewClient], tenant: Tenant, ctx: Context
) -> None:
    machine = await create_client(platform[0], tenant.id, name="machine", scopes=["customers:read"])
    mobile = await an_app(ctx)
    process = await asyncio.create_subprocess_exec(
        "node",
        str(JUDGES / "oauth.mjs"),
        env={
            **os.environ,
            "ISSUER": app.state.public_url,
            "BASE": base_url,
            "MACHINE_ID": machine.client_id,
            "MACHINE_SECRET": machine.client_secret,
            "APP_ID": mobile.client.client_id,
            "CALLBACK": CALLBACK,
            "SCOPE": "customers:read",
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked = msgspec.json.decode(await process.stdout.readline())["authorize"]
    process.stdin.write(f"{await _consent(ctx, app, mobile, asked)}\n".encode())
    await process.stdin.drain()
    verdict = msgspec.json.decode(await process.stdout.readline())
    assert await process.wait() == 0
    assert verdict["passed"] == [
        "discovery",
        "client_credentials",
        "authorization_code",
        "jwt_access_token",
        "refresh_token",
        "introspection",
        "revocation",
        "protected_resource",
    ]


async def _consent(ctx: Context, app: Litestar, mobile: RegisteredClient, authorize: str) -> str:
    """Where the consent page sends the browser after a yes."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize).query).items()}
    code = await a_code(
        ctx,
        mobile,
        await a_user(ctx),
        scopes=frozenset(asked["scope"].split()),
        code_challenge=asked["code_challenge"],
    )
    return f"{CALLBACK}?{urlencode({'code': code, 'state': asked['state'], 'iss': app.state.public_url})}"
