"""The Piccolo tables say what the migrated database says, and no tenant's row is without its guard."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from piccolo.table import Table

from domain.access import tables as access
from domain.banking import tables as banking
from domain.collections import tables as collections
from domain.customers import tables as customers
from domain.dunning import tables as dunning
from domain.events import tables as events
from domain.importing import tables as importing
from domain.ledger import tables as ledger
from domain.messaging import tables as messaging
from domain.operations import tables as operations
from domain.reconciliation import tables as reconciliation
from domain.segments import tables as segments
from domain.storage.sealed_columns import BY_SERVER, BY_TENANT, NEVER_RESEALED

ROOMS = (
    access,
    banking,
    collections,
    customers,
    dunning,
    events,
    importing,
    ledger,
    messaging,
    operations,
    reconciliation,
    segments,
)
# Whom these rows belong to is no tenant: the platform's registry (its own policies) and the server's keys.
NOT_A_TENANTS = {"platforms", "tenants", "oauth_clients", "idempotency_keys", "signing_keys", "migration"}
NOT_A_TENANTS |= {"audit_heads", "audit_entries", "revocations", "client_assertions"}

NOT_A_TENANTS |= {"sign_ins", "attempts"}
WITHOUT_POLICY = {"signing_keys", "migration"}
TYPES = {
    "Text": "text",
    "Timestamptz": "timestamp with time zone",
    "Date": "date",
    "Numeric": "numeric",
    "JSONB": "jsonb",
    "Integer": "integer",
    "BigInt": "bigint",
    "Boolean": "boolean",
    "Bytea": "bytea",
    "Array": "ARRAY",
}


@pytest.fixture
async def columns(database_url: str) -> dict[str, dict[str, tuple[str, bool]]]:
    """Table to column to (type, nullable), as PostgreSQL has them."""
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for row in await _ask(
        database_url,
        "select table_name, column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'public' and table_name <> 'migration'",
    ):
        found.setdefault(row["table_name"], {})[row["column_name"]] = (row["data_type"], row["is_nullable"] == "YES")
    return found


def declared_tables() -> list[type[Table]]:
    return [
        thing
        for room in ROOMS
        for thing in vars(room).values()
        if isinstance(thing, type) and issubclass(thing, Table) and thing is not Table
    ]


async def test_piccolo_tables_and_database_agree(columns: dict[str, dict[str, tuple[str, bool]]]) -> None:
    said = {
        table._meta.tablename: {
            column._meta.db_column_name: (TYPES[type(column).__name__], column._meta.null)
            for column in table._meta.columns
            # Piccolo gives every table a key called id; tables with a composite key have none.
            if not (type(column).__name__ == "Serial" and column._meta.name == "id")
        }
        for table in declared_tables()
    }
    assert said == columns


def test_a_change_of_keys_goes_through_every_sealed_column(columns: dict[str, dict[str, tuple[str, bool]]]) -> None:
    sealed = {f"{table}.{name}" for table, said in columns.items() for name in said if name.startswith("sealed_")}
    assert sealed == {column.name for column in (*BY_TENANT, *BY_SERVER)} | set(NEVER_RESEALED)


async def test_every_tenants_table_is_guarded(
    database_url: str, columns: dict[str, dict[str, tuple[str, bool]]]
) -> None:
    guarded = {
        row["relname"]
        for row in await _ask(
            database_url,
            "select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid and p.polname = 'tenant_only'"
            " where c.relrowsecurity and c.relforcerowsecurity",
        )
    }
    assert guarded == {table for table in columns if table not in NOT_A_TENANTS}
    assert all("tenant_id" in columns[table] for table in guarded)


async def test_every_other_table_has_a_policy_of_its_own(database_url: str) -> None:
    bare = {
        row["relname"]
        for row in await _ask(
            database_url,
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            " and not (relrowsecurity and relforcerowsecurity)",
        )
    }
    assert bare == WITHOUT_POLICY


async def test_the_application_role_is_neither_owner_nor_superuser(database_url: str) -> None:
    rows = await _ask(
        database_url, "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname like 'dunwell\\_%'"
    )
    assert [tuple(row) for row in rows] == [(False, False, False)] * 2
    owned = await _ask(database_url, "select 1 from pg_tables where tableowner like 'dunwell\\_%'")
    assert owned == []


async def test_every_unique_key_and_index_of_a_tenants_table_leads_with_the_tenant(database_url: str) -> None:
    # The finders of due work look across tenants by design; what they read is limited by the doors.
    across = {
        "awaited_confirmations_due",
        "cases_due",
        "holds_ending",
        "channel_accounts_by_id",
        "notices_due",
        "notices_leased",
        "operations_unfinished",
        "planned_collections_due",
        "receivables_turning_overdue",
    }
    rows = await _ask(
        database_url,
        "select i.relname as index, a.attname as first, x.indisunique as is_unique from pg_index x"
        " join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid"
        " join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]"
        " where exists (select 1 from pg_attribute b where b.attrelid = t.oid and b.attname = 'tenant_id')"
        " and t.relname not in ('tenants', 'oauth_clients', 'sign_ins') and t.relnamespace = 'public'::regnamespace",
    )
    assert {row["index"] for row in rows if row["first"] != "tenant_id"} == across
    assert not any(row["is_unique"] for row in rows if row["index"] in across)


async def _ask(database_url: str, question: str) -> list[Any]:
    connection = await asyncpg.connect(database_url)
    try:
        return list(await connection.fetch(question))
    finally:
        await connection.close()
