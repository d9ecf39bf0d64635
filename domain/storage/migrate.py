"""Brings a database up to date: numbered SQL files, run by Piccolo one transaction each, under an advisory lock."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration

from domain.storage.piccolo_conf import DB

_FOLDER = Path(__file__).parent / "migrations"
# Any constant does, as long as every version of the program takes the same one.
_LOCK = 0x64756E77656C6C


async def migrate(url: str) -> None:
    """Runs the migrations that `url`'s database has not seen; of several callers at once, one does the work.

    `url` must log in as a role that may create tables and roles. Raises RuntimeError when a migration fails; that
    migration is then rolled back whole.
    """
    os.environ["PICCOLO_CONF"] = "domain.storage.piccolo_conf"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        DB.config = {"dsn": url}
        Migration._meta.db = DB
        with contextlib.redirect_stdout(io.StringIO()) as said:
            outcome = await ForwardsMigrationManager("dunwell").run()
        if not outcome.success:
            raise RuntimeError(f"migration failed: {outcome.message}\n{said.getvalue()}")
    finally:
        await connection.close()


def sql_migration(migration_id: str) -> MigrationManager:
    """The migration that runs the SQL file of the same name."""
    manager = MigrationManager(migration_id=migration_id, app_name="dunwell", description=migration_id)
    statements = (_FOLDER / f"{migration_id}.sql").read_text(encoding="utf-8")

    async def run() -> None:
        current = DB.current_transaction.get()
        await current.connection.execute(statements)

    manager.add_raw(run)
    return manager
