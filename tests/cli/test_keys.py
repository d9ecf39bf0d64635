"""`dunwell keys`, as an operator calls it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from domain.access.model import Tenant
from domain.kernel.settings import Settings


async def test_keys_are_rotated_resealed_and_counted(settings: Settings, tenant: Tenant) -> None:
    assert (await _keys(settings, "rotate"))["tenants"] >= 1
    status = await _keys(settings, "status")
    assert status["data_keys"] >= 2
    assert status["waiting_until"] is not None
    assert (await _keys(settings, "reseal"))["unreadable"] == {}


async def test_a_wrong_key_is_told_in_words(settings: Settings) -> None:
    code, _, said = await _run(settings, "status", DUNWELL_SECRET_KEY="short")
    assert (code, said.strip()) == (1, "Error: DUNWELL_SECRET_KEY is not base64")


async def _keys(settings: Settings, command: str) -> dict[str, Any]:
    code, out, said = await _run(settings, command)
    assert code == 0, said
    told: dict[str, Any] = json.loads(out)
    return told


async def _run(settings: Settings, command: str, **others: str) -> tuple[int | None, str, str]:
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "DUNWELL_SECRET_KEY": settings.secret_key,
        **others,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli.main", "keys", command, env=environment, stdout=-1, stderr=-1
    )
    out, said = await process.communicate()
    return process.returncode, out.decode(), said.decode()
