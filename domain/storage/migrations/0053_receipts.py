"""Runs 0053_receipts.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0053_receipts"
VERSION = "1.53.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
