"""Runs 0043_plan_assignments.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0043_plan_assignments"
VERSION = "1.43.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
