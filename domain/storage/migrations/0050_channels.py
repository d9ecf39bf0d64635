"""Runs 0050_channels.sql, and makes the phone numbers of an older version's contacts findable."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.hash_phones import hash_phones
from domain.storage.migrate import sql_migration

ID = "0050_channels"
VERSION = "1.50.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID, between=hash_phones)
