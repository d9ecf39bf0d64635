"""Runs 0022_own_ledger.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0022_own_ledger"
VERSION = "1.38.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
