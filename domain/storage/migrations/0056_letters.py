"""Runs 0056_letters.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0056_letters"
VERSION = "1.56.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
