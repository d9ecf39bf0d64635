"""What a tenant's rows are at a moment, so that a test can say that nothing changed."""

from __future__ import annotations

import asyncpg

# What requests leave behind that is no change of anybody's things.
IGNORED = {"idempotency_keys", "migration"}


class Fingerprints:
    """Reads all tables of the database as its owner, past every policy."""

    def __init__(self, connection: asyncpg.Connection, columns: dict[str, str]) -> None:
        self._connection = connection
        parts = [
            f"select '{table}' as name, count(*) || '/' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print"
            f" from {table} t where {column} = any($1)"
            for table, column in sorted(columns.items())
        ]
        self._statement = " union all ".join(parts)

    @classmethod
    async def of(cls, database_url: str) -> Fingerprints:
        """Finds the tables with an owner's column; the caller closes it."""
        connection = await asyncpg.connect(database_url)
        rows = await connection.fetch(
            "select table_name, column_name from information_schema.columns where table_schema = 'public'"
            " and column_name in ('tenant_id', 'owner_id', 'platform_id') order by column_name desc"
        )
        columns = {row["table_name"]: row["column_name"] for row in reversed(rows) if row["table_name"] not in IGNORED}
        columns["tenants"], columns["platforms"] = "id", "id"
        return cls(connection, columns)

    async def close(self) -> None:
        """Gives the connection back."""
        await self._connection.close()

    async def of_owners(self, *owners: str) -> dict[str, str]:
        """Count and checksum of each table's rows that belong to these."""
        rows = await self._connection.fetch(self._statement, list(owners))
        return {row["name"]: row["print"] for row in rows}

    async def audit_of(self, request_id: str) -> list[tuple[str, str, int]]:
        """Owner, action and number of objects of what a request left in audit logs."""
        rows = await self._connection.fetch(
            "select owner_id, action, cardinality(object_ids) from audit_entries where request_id = $1", request_id
        )
        return [tuple(row) for row in rows]
