"""Runs 0042_tags_and_segments.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0042_tags_and_segments"
VERSION = "1.42.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
