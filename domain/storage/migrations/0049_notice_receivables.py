"""Runs 0049_notice_receivables.sql."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration

ID = "0049_notice_receivables"
VERSION = "1.49.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID)
