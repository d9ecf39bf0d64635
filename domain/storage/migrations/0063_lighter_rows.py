"""Runs 0063_lighter_rows.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0063_lighter_rows"
VERSION = "1.63.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
