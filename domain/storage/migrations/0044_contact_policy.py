"""Runs 0044_contact_policy.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0044_contact_policy"
VERSION = "1.44.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
