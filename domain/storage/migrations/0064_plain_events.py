"""Runs 0064_plain_events.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0064_plain_events"
VERSION = "1.64.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
