"""A database of an older version, with addresses in the open, becomes one without."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cli.servers import ServerUrls
from domain.storage.data_keys import load_keys
from domain.storage.migrate import migrate
from domain.storage.sealing import Sealer, new_key_text
from tests.domain.test_migrate import as_user

FOLDER = Path(__file__).parents[2] / "domain" / "storage" / "migrations"
TENANT, EMAIL, PHONE = "tnt_" + "0" * 26, "Wang.Fang@lanhai.example", "+8613800006789"
OLD_ROWS = f"""
  insert into platforms (id, name, created_at) values ('plt_1', 'Old', now());
  insert into tenants (id, platform_id, name, mode, status, base_currency, time_zone, locale, clock_kind, version, created_at, updated_at)
    values ('{TENANT}', 'plt_1', 'Old', 'live', 'active', 'CNY', 'Asia/Shanghai', 'en', 'system', 1, now(), now());
  insert into customers (tenant_id, id, name, metadata, version, created_at, updated_at)
    values ('{TENANT}', 'cus_1', 'Lanhai', '{{}}', 1, now(), now());
  insert into contacts (tenant_id, id, customer_id, name, role, email, phone, opted_out_channels, version, created_at, updated_at)
    select '{TENANT}', 'con_' || n, 'cus_1', 'Wang', 'billing', case when n <> 2 then '{EMAIL}' end, case when n <> 3 then '{PHONE}' end,
      '{{}}', 1, now(), now() from generate_series(1, 2500) n;
  insert into events (tenant_id, sequence, id, type, object_id, occurred_at, recorded_at, data) values
    ('{TENANT}', 1, 'evt_1', 'contact.created', 'con_1', now(), now(),
      '{{"contact": {{"id": "con_1", "email": "{EMAIL}", "phone": null}}}}'),
    ('{TENANT}', 2, 'evt_2', 'customer.created', 'cus_1', now(), now(), '{{"customer": {{"id": "cus_1"}}}}'),
    ('{TENANT}', 3, 'evt_3', 'task.created', 'tsk_1', now(), now(),
      '{{"task": {{"title": "Check with the mail provider whether a reminder to {EMAIL} was sent"}}}}');
  insert into receivables (tenant_id, id, customer_id, number, currency, amount, open_amount, issued_on, due_on, status, test_clock,
    metadata, version, created_at, updated_at)
    values ('{TENANT}', 'rcv_1', 'cus_1', 'INV-1', 'CNY', 1, 1, '2026-01-01', '2026-01-31', 'open', false, '{{}}', 1, now(), now());
  insert into notices (tenant_id, id, customer_id, receivable_id, contact_id, channel, template_key, locale, recipient, subject, body,
    currency, open_amount, message_id, state, attempt_count, test_clock, version, created_at)
    values ('{TENANT}', 'ntc_1', 'cus_1', 'rcv_1', 'con_1', 'email', 'x', 'en', '{EMAIL}', 's', 'b', 'CNY', 1, '<ntc_1@dunwell.local>',
      'failed', 1, false, 1, now());
  insert into deliveries (tenant_id, notice_id, number, outcome, code, detail, attempted_at)
    values ('{TENANT}', 'ntc_1', 1, 'rejected', 'smtp_550', '<{EMAIL}> unknown', now());
  insert into operations (tenant_id, id, kind, state, dry_run, input, progress, position, result, created_at)
    values ('{TENANT}', 'opr_1', 'import', 'pending', false, '{{}}', '{{}}', 0, '{{}}', now());
  insert into operation_chunks (tenant_id, operation_id, number, content) values ('{TENANT}', 'opr_1', 0, '{EMAIL}');
  insert into operation_errors (tenant_id, operation_id, number, line, "column", code, detail, value)
    values ('{TENANT}', 'opr_1', 0, 2, 'Mail', 'malformed_email', 'x', 'Wang at Lanhai');
"""
TEXTS = """
  select detail from deliveries union all select value from operation_errors
"""


@pytest.fixture
async def old(servers: ServerUrls, database_url: str) -> AsyncIterator[str]:
    """A database as migration 0012 left it, with rows."""
    admin = await asyncpg.connect(database_url)
    await admin.execute("create role dunwell_old_owner login createrole")
    await admin.execute("grant dunwell_app, dunwell_door to dunwell_old_owner")
    await admin.execute("create database dunwell_test_sealing owner dunwell_old_owner")
    url = as_user(servers.for_database("dunwell_test_sealing").database_url, "dunwell_old_owner")
    connection = await asyncpg.connect(url)
    for file in sorted(FOLDER.glob("*.sql")):
        if file.name < "0013":
            await connection.execute(file.read_text(encoding="utf-8"))
    await connection.execute(
        "create table migration (id serial primary key, name varchar(200), app_name varchar(200), ran_on timestamp default now())"
    )
    names = [file.stem for file in sorted(FOLDER.glob("*.sql")) if file.name < "0013"]
    await connection.executemany("insert into migration (name, app_name) values ($1, 'dunwell')", [(n,) for n in names])
    await _as_if_unguarded(connection, OLD_ROWS)
    await connection.close()
    yield url
    await admin.execute("drop database dunwell_test_sealing with (force)")
    await admin.execute("drop role dunwell_old_owner")
    await admin.close()


async def test_old_rows_are_sealed_and_masked_and_open_again(old: str) -> None:
    server = Sealer.from_text(new_key_text())
    await migrate(old, server)
    connection = await asyncpg.connect(old)
    await connection.execute(f"set role dunwell_app; set app.tenant = '{TENANT}'")
    keys = await load_keys(connection, TENANT, server)
    contacts = await connection.fetch("select id, sealed_email, email_hash, sealed_phone from contacts")
    events = await connection.fetch("select id, data, sealed_pii from events order by sequence")
    sealed_recipient = await connection.fetchval("select sealed_recipient from notices")
    sealed_content = await connection.fetchval("select sealed_content from operation_chunks")
    texts = {row[0] for row in await connection.fetch(TEXTS)}
    phones = await connection.fetch("select contact_id, address_hash from contact_addresses where channel = 'phone'")
    await connection.execute("reset role")
    unforced = await connection.fetch(
        "select relname from pg_class c join pg_policy p on p.polrelid = c.oid where not relforcerowsecurity"
    )
    await connection.close()
    assert unforced == []
    assert keys.open(sealed_recipient, "notices", "ntc_1", "recipient").decode() == EMAIL
    assert keys.open(sealed_content, "operation_chunks", "opr_1/0", "content").decode() == EMAIL
    assert texts == {"<W***@lanhai.example> unknown", "W***"}

    opened = {
        row["id"]: [
            None
            if row[f"sealed_{name}"] is None
            else keys.open(row[f"sealed_{name}"], "contacts", row["id"], name).decode()
            for name in ("email", "phone")
        ]
        for row in contacts
    }
    assert len(opened) == 2500
    assert (opened["con_1"], opened["con_2"], opened["con_3"]) == ([EMAIL, PHONE], [None, PHONE], [EMAIL, None])
    assert {row["contact_id"] for row in phones} == opened.keys() - {"con_3"}
    assert {row["address_hash"] for row in phones} == {keys.search_hash("phone:8613800006789")}
    assert {row["email_hash"] for row in contacts} == {keys.search_hash(EMAIL.lower()), None}
    assert json.loads(events[0]["data"])["contact"] == {"id": "con_1", "email": "W***@lanhai.example", "phone": None}
    assert json.loads(keys.open(events[0]["sealed_pii"], "events", "evt_1", "pii")) == {"/contact/email": EMAIL}
    assert [row["sealed_pii"] for row in events[1:]] == [None, None]
    assert EMAIL not in events[2]["data"]


async def test_without_a_key_nothing_is_done_and_the_error_says_why(old: str) -> None:
    with pytest.raises(RuntimeError, match="DUNWELL_SECRET_KEY is needed"):
        await migrate(old)
    assert await _names_of_columns(old, "contacts") >= {"email", "phone"}
    await migrate(old, Sealer.from_text(new_key_text()))
    assert not await _names_of_columns(old, "contacts") & {"email", "phone"}


async def _as_if_unguarded(connection: Any, statements: str) -> None:
    """Runs statements that the owner itself, who is guarded like everybody, could not run."""
    guarded = await connection.fetch("select relname from pg_class where relforcerowsecurity and relkind = 'r'")
    for force in ("no force", "force"):
        for (table,) in guarded:
            await connection.execute(f"alter table {table} {force} row level security")
        if force == "no force":
            await connection.execute(statements)


async def _names_of_columns(url: str, table: str) -> set[Any]:
    connection = await asyncpg.connect(url)
    try:
        ask = "select column_name from information_schema.columns where table_name = $1"
        return {row[0] for row in await connection.fetch(ask, table)}
    finally:
        await connection.close()
