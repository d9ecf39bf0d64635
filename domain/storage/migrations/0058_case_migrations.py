"""Runs 0058_case_migrations.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0058_case_migrations"
VERSION = "1.58.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
