"""Runs 0046_plan_language.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0046_plan_language"
VERSION = "1.46.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
