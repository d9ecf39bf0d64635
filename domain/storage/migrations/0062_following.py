"""Runs 0062_following.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0062_following"
VERSION = "1.62.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
