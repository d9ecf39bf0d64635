"""Brings a database up to date: numbered SQL files, run by Piccolo one transaction each, under an advisory lock."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration

from domain.storage.piccolo_conf import DB
from domain.storage.sealing import Sealer

Step = Callable[[Any], Awaitable[None]]

_FOLDER = Path(__file__).parent / "migrations"
# Any constant does, as long as every version of the program takes the same one.
_LOCK = 0x64756E77656C6C
_server: ContextVar[Sealer | None] = ContextVar("server", default=None)


async def migrate(url: str, server: Sealer | None = None) -> None:
    """Runs the migrations that `url`'s database has not seen; of several callers at once, one does the work.

    `url` must log in as a role that may create tables and roles. `server` is needed only where a migration seals what an older
    version left open. Raises RuntimeError when a migration fails; that migration is then rolled back whole.
    """
    given = _server.set(server)
    os.environ["PICCOLO_CONF"] = "domain.storage.piccolo_conf"
    connection = None
    try:
        connection = await asyncpg.connect(url)
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        DB.config = {"dsn": url}
        Migration._meta.db = DB
        with contextlib.redirect_stdout(io.StringIO()) as said:
            outcome = await ForwardsMigrationManager("dunwell").run()
        if not outcome.success:
            raise RuntimeError(f"migration failed: {outcome.message}\n{said.getvalue()}")
    finally:
        _server.reset(given)
        if connection is not None:
            await connection.close()


def sealer_for_migration() -> Sealer:
    """The server's keys; raises RuntimeError where `migrate` was called without."""
    server = _server.get()
    if server is None:
        raise RuntimeError(
            "the database holds addresses that are to be sealed: DUNWELL_SECRET_KEY is needed to migrate it"
        )
    return server


def sql_migration(migration_id: str, between: Step | None = None) -> MigrationManager:
    """The migration that runs the SQL file of the same name; `between` runs where the file has a line `-- STEP`."""
    manager = MigrationManager(migration_id=migration_id, app_name="dunwell", description=migration_id)
    statements = (_FOLDER / f"{migration_id}.sql").read_text(encoding="utf-8")

    async def run() -> None:
        current = DB.current_transaction.get()
        before, _, after = statements.partition("\n-- STEP\n")
        await current.connection.execute(before)
        if between is not None:
            await between(current.connection)
        if after:
            await current.connection.execute(after)

    manager.add_raw(run)
    return manager
