"""Runs 0057_plan_control.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0057_plan_control"
VERSION = "1.57.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
