"""Contacts in PostgreSQL, many at a time: whatever their number, the number of statements is the same."""

from __future__ import annotations

from collections.abc import Sequence

from domain.customers.address_index import index_addresses
from domain.customers.addresses import email_hash, seal_address, seal_addresses
from domain.customers.model import Contact
from domain.customers.store import CONTACT, contact_of
from domain.kernel.context import Context
from domain.kernel.paging import as_json
from domain.storage.bulk import update_rows
from domain.storage.transaction import sql

_KEYS = {"tenant_id": "text", "id": "text"}
_CHANGING = {
    "name": "text",
    "role": "text",
    "locale": "text",
    "sealed_phone": "bytea",
    "invalid_addresses": "jsonb",
    "sealed_addresses": "bytea",
    "version": "integer",
    "updated_at": "timestamptz",
}


async def add_contacts(ctx: Context, contacts: Sequence[Contact]) -> None:
    """Stores new contacts that nobody has opted out of anything for yet."""
    if not contacts:
        return
    await sql(ctx).execute(
        """
        insert into contacts (tenant_id, id, customer_id, name, role, locale, sealed_email, email_hash, sealed_phone,
          sealed_addresses, opted_out_channels, version, created_at, updated_at)
        select $1, id, customer_id, name, role, locale, email, hash, phone, addresses, '{}', 1, $11, $11
        from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::bytea[],
          $10::bytea[]) as u(id, customer_id, name, role, locale, email, hash, phone, addresses)
        """,
        ctx.tenant_id,
        [contact.id for contact in contacts],
        [contact.customer_id for contact in contacts],
        [contact.name for contact in contacts],
        [contact.role for contact in contacts],
        [contact.locale for contact in contacts],
        [seal_address(ctx, contact.id, "email", contact.email) for contact in contacts],
        [email_hash(ctx, contact.email) for contact in contacts],
        [seal_address(ctx, contact.id, "phone", contact.phone) for contact in contacts],
        [seal_addresses(ctx, contact.id, contact.addresses) for contact in contacts],
        contacts[0].created_at,
    )
    await index_addresses(ctx, contacts, is_new=True)


async def save_contacts(ctx: Context, contacts: Sequence[Contact]) -> None:
    """Replaces the rows of contacts but their mailboxes and what they opted out of, which a batch never changes."""
    rows = [
        (
            *(ctx.tenant_id, contact.id, contact.name, contact.role, contact.locale),
            seal_address(ctx, contact.id, "phone", contact.phone),
            as_json(contact.invalid_addresses),
            seal_addresses(ctx, contact.id, contact.addresses),
            *(contact.version, contact.updated_at),
        )
        for contact in contacts
    ]
    await update_rows(sql(ctx), "contacts", _KEYS, _CHANGING, rows)
    if contacts:
        await index_addresses(ctx, contacts, is_new=False)


async def lock_customers(ctx: Context, customer_ids: Sequence[str]) -> None:
    """Makes others who add contacts of these customers in batches wait, in one order, so that they do not wait in a circle."""
    await sql(ctx).execute(
        "select 1 from customers where tenant_id = $1 and id = any($2) order by id for no key update",
        ctx.tenant_id,
        list(customer_ids),
    )


async def contacts_at(
    ctx: Context, customer_ids: Sequence[str], emails: Sequence[str], *, without_mailbox: bool, lock: bool = False
) -> list[Contact]:
    """The contacts of these customers with one of these mailboxes, and, if wanted, those with none, the newest first."""
    rows = await sql(ctx).fetch(
        f"select {CONTACT} from contacts where tenant_id = $1 and customer_id = any($2)"
        f" and (email_hash = any($3) or ($4 and email_hash is null)) order by id desc{' for update' if lock else ''}",
        ctx.tenant_id,
        list(customer_ids),
        list({email_hash(ctx, email) for email in emails}),
        without_mailbox,
    )
    return list(map(contact_of(ctx), rows))
