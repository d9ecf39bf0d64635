"""Runs 0045_holds.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0045_holds"
VERSION = "1.45.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
