"""Runs 0041_notices_due.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0041_notices_due"
VERSION = "1.41.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
