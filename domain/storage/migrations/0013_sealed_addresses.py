"""Runs 0013_sealed_addresses.sql, and seals what an older version stored in the open."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from domain.storage.migrate import sql_migration
from domain.storage.seal_existing import seal_existing

ID = "0013_sealed_addresses"
VERSION = "1.38.0"


async def forwards() -> MigrationManager:
    """Applies this migration."""
    return sql_migration(ID, between=seal_existing)
