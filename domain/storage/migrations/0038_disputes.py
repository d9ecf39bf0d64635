"""Runs 0038_disputes.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0038_disputes"
VERSION = "1.38.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
