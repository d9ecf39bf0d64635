"""Runs 0039_charge_steps.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0039_charge_steps"
VERSION = "1.39.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
