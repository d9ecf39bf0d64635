"""Finds contacts by where a channel reaches them: rows of keyed hashes beside the contacts, written with them."""

from __future__ import annotations

from collections.abc import Sequence

from domain.customers.addresses import address_hash, email_hash
from domain.customers.model import Contact
from domain.kernel.context import Context
from domain.kernel.phones import PHONE_PLACE
from domain.storage.bulk import insert_rows
from domain.storage.transaction import reading, sql

_COLUMNS = {
    "tenant_id": "text",
    "contact_id": "text",
    "customer_id": "text",
    "channel": "text",
    "address_hash": "bytea",
}


async def index_addresses(ctx: Context, contacts: Sequence[Contact], *, is_new: bool) -> None:
    """Makes contacts findable by their phone numbers and other addresses, in the open transaction."""
    if not is_new:
        await sql(ctx).execute(
            "delete from contact_addresses where tenant_id = $1 and contact_id = any($2)",
            ctx.tenant_id,
            [contact.id for contact in contacts],
        )
    rows = [
        (ctx.tenant_id, contact.id, contact.customer_id, channel, address_hash(ctx, channel, address))
        for contact in contacts
        for channel, address in _places(contact)
    ]
    await insert_rows(sql(ctx), "contact_addresses", _COLUMNS, rows)


async def contact_ids_at(ctx: Context, channel: str, address: str) -> list[str]:
    """Contacts that this channel reaches at this address, as a provider's receipt or an opt-out names it."""
    async with reading(ctx) as tx:
        if channel == "email":
            rows = await tx.fetch(
                "select id from contacts where tenant_id = $1 and email_hash = $2 order by id",
                ctx.tenant_id,
                email_hash(ctx, address),
            )
        else:
            rows = await tx.fetch(
                "select distinct contact_id as id from contact_addresses where tenant_id = $1 and address_hash = $2 order by 1",
                ctx.tenant_id,
                address_hash(ctx, channel, address),
            )
    return [row["id"] for row in rows]


def _places(contact: Contact) -> list[tuple[str, str]]:
    phone = [(PHONE_PLACE, contact.phone)] if contact.phone else []
    return [*phone, *((channel, address) for channel, address in contact.addresses.items() if channel != PHONE_PLACE)]
