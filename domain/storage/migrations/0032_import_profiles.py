"""Runs 0032_import_profiles.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0032_import_profiles"
VERSION = "1.38.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
