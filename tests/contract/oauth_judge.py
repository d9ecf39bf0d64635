"""Runs the npm package oauth4webapi, which knows nothing of us, through every flow of a server."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

JUDGES = Path(__file__).parent / "node"
EVERY_FLOW = [
    "discovery",
    "client_credentials",
    "authorization_code",
    "jwt_access_token",
    "refresh_token",
    "introspection",
    "revocation",
    "protected_resource",
]


def has_oauth4webapi() -> bool:
    """Whether node is there and npm could install the package."""
    return shutil.which("node") is not None and (JUDGES / "node_modules" / "oauth4webapi").exists()


async def judged_by_oauth4webapi(
    consent: Callable[[str], Awaitable[str]],
    *,
    issuer: str,
    base: str,
    machine: tuple[str, str],
    app_id: str,
    callback: str,
) -> list[str]:
    """The flows that it accepted; `consent` plays the browser: from the authorization request to where it is sent back."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(JUDGES / "oauth.mjs"),
        env={
            **os.environ,
            "ISSUER": issuer,
            "BASE": base,
            "MACHINE_ID": machine[0],
            "MACHINE_SECRET": machine[1],
            "APP_ID": app_id,
            "CALLBACK": callback,
            "SCOPE": "customers:read",
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked = msgspec.json.decode(await process.stdout.readline())["authorize"]
    process.stdin.write(f"{await consent(asked)}\n".encode())
    await process.stdin.drain()
    verdict = msgspec.json.decode(await process.stdout.readline())
    assert await process.wait() == 0
    passed: list[str] = verdict["passed"]
    return passed
