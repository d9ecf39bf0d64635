"""Runs 0052_alerts.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0052_alerts"
VERSION = "1.52.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
