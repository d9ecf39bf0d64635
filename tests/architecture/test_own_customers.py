"""No tenant's table shows a limited collector the customers of others, except those of this reasoned list."""

from __future__ import annotations

import asyncpg

UNLIMITED = {
    "event_streams": "a counter that every write takes; it names no customer",
    "data_keys": "the tenant's keys, the same for all its customers",
    "ignored_receipts": "counts of what belonged to no notice, and so to no customer",
    "users": "people of the tenant, not its customers",
    "channel_accounts": "how the tenant sends, for all its customers",
    "templates": "texts of the tenant for all customers",
    "template_versions": "texts of the tenant for all customers",
    "letter_settings": "how the tenant's letters are numbered, for all customers",
    "letter_counters": "how many letters the tenant has written; it names no customer",
    "reminder_plans": "procedures of the tenant for all customers",
    "reminder_runs": "when the tenant released notices; whom they are to stands in its items",
    "plan_assignments": "which plan the customers of a segment get, for all customers",
    "segments": "questions about customers; the answer is limited where it is read",
    "plan_versions": "procedures of the tenant for all customers",
    "ledger_policies": "how the tenant's ledger decides, for all customers",
    "contact_policies": "when the tenant contacts, for all customers",
    "import_profiles": "how a tenant's files are read, for all its customers",
    "exchange_rates": "what currencies are worth, for all customers",
    "charge_rules": "rules of the tenant for all customers",
    "user_invitations": "of people of the tenant",
    "user_identities": "of people of the tenant",
    "identity_providers": "where people of the tenant sign in",
    "grants": "what users allowed clients to do; it names no customer",
    "authorization_codes": "on the way to a grant",
    "refresh_tokens": "of a grant",
}


async def test_every_tenants_table_is_limited_or_has_a_reason(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "select c.relname, bool_or(p.polname = 'own_customers' and not p.polpermissive and p.polcmd = '*') as limited"
            " from pg_class c join pg_policy p on p.polrelid = c.oid"
            " group by 1 having bool_or(p.polname = 'tenant_only')"
        )
    finally:
        await connection.close()
    assert {row["relname"] for row in rows if not row["limited"]} == set(UNLIMITED)
