"""`dunwell audit verify`, run as an operator runs it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import asyncpg

from domain.customers.customers import create_customer
from domain.kernel.context import Context
from domain.kernel.settings import Settings


async def verify(settings: Settings, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and what was printed."""
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "DUNWELL_SECRET_KEY": settings.secret_key,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", "audit", "verify", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, [json.loads(line) for line in said.decode().splitlines()]


async def test_a_broken_log_is_named_and_ends_with_1(ctx: Context, settings: Settings) -> None:
    await create_customer(ctx, name="Lanhai")
    code, [whole] = await verify(settings, "--owner", ctx.tenant_id)
    assert (code, whole["owner_id"], whole["valid"], whole["entry_count"]) == (0, ctx.tenant_id, True, 2)
    kept = ("--expected-sequence", "2", "--expected-hash", whole["last_hash"])
    assert (await verify(settings, "--owner", ctx.tenant_id, *kept))[0] == 0
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute(
        "update audit_entries set actor_id = 'cli_other' where owner_id = $1 and sequence = 1", ctx.tenant_id
    )
    await connection.close()
    code, [broken] = await verify(settings, "--owner", ctx.tenant_id)
    assert (code, broken["first_broken_sequence"], broken["reason"]) == (1, 1, "content_changed")
    code, everybody = await verify(settings, "--all")
    assert code == 1
    assert broken in everybody
    assert len({line["owner_id"] for line in everybody}) == len(everybody) >= 2


async def test_the_owner_is_named_rightly_or_the_command_says_how(settings: Settings) -> None:
    for arguments in ((), ("--owner", "x"), ("--owner", "tnt_x", "--all"), ("--all", "--expected-sequence", "1")):
        assert (await verify(settings, *arguments))[0] == 2
