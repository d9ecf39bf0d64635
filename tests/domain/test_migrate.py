"""Migrations run once, whoever starts them at the same time."""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from cli.servers import ServerUrls
from domain.storage.migrate import migrate

PROGRAM = "import asyncio, sys; from domain.storage.migrate import migrate; asyncio.run(migrate(sys.argv[1]))"


async def test_several_processes_may_migrate_one_database_at_once(servers: ServerUrls, database_url: str) -> None:
    admin = await asyncpg.connect(database_url)
    await admin.execute("create database dunwell_test_migrate")
    url = servers.for_database("dunwell_test_migrate").database_url
    try:
        processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, url) for _ in range(3)]
        assert [await process.wait() for process in processes] == [0, 0, 0]
        await migrate(url)
        connection = await asyncpg.connect(url)
        names = [row["name"] for row in await connection.fetch("select name from migration order by id")]
        await connection.close()
    finally:
        await admin.execute("drop database dunwell_test_migrate with (force)")
        await admin.close()
    assert names == sorted(set(names))
    assert names[0] == "0001_foundation"


async def test_an_owner_without_special_powers_is_enough(servers: ServerUrls, database_url: str) -> None:
    admin = await asyncpg.connect(database_url)
    await admin.execute("create role dunwell_plain_owner login createrole")
    await admin.execute("grant dunwell_app, dunwell_door to dunwell_plain_owner")
    await admin.execute("create database dunwell_test_plain owner dunwell_plain_owner")
    try:
        url = as_user(servers.for_database("dunwell_test_plain").database_url, "dunwell_plain_owner")
        await migrate(url)
        connection = await asyncpg.connect(url, server_settings={"role": "dunwell_app"})
        assert await connection.fetchval("select current_user") == "dunwell_app"
        assert await connection.fetch("select * from door_tenants_to_react(1)") == []
        await connection.close()
    finally:
        await admin.execute("drop database dunwell_test_plain with (force)")
        await admin.execute("drop role dunwell_plain_owner")
        await admin.close()


def as_user(url: str, user: str) -> str:
    """The same database, reached as another role; test servers trust whoever connects."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:@{place}"))
