"""Runs 0048_case_anchors.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0048_case_anchors"
VERSION = "1.48.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
