"""Runs 0030_reconciliations.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0030_reconciliations"
VERSION = "1.38.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
