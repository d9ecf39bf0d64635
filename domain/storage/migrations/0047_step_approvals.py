"""Runs 0047_step_approvals.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0047_step_approvals"
VERSION = "1.47.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
