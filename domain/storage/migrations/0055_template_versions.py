"""Runs 0055_template_versions.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0055_template_versions"
VERSION = "1.55.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
