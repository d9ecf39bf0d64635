"""Use cases of contacts: whom to remind, and through what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.customers import store
from domain.customers.model import Channel, Contact, ContactRole
from domain.customers.rules import check_fields, still_invalid
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import Scope
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, transaction


@use_case("customers:write")
async def create_contact(
    ctx: Context,
    customer_id: str,
    *,
    name: str,
    role: ContactRole = "billing",
    email: str | None = None,
    phone: str | None = None,
    addresses: dict[str, str] | None = None,
    locale: str | None = None,
    opted_out_channels: list[Channel] | None = None,
) -> Contact:
    """Adds a person or mailbox to a customer; raises NotFound for an unknown customer."""
    fields: dict[str, Any] = {"email": email, "phone": phone, "addresses": addresses or {}, "locale": locale}
    fields["opted_out_channels"] = opted_out_channels
    check_fields(fields)
    contact = new_contact(ctx, customer_id, name=name, role=role, **fields)
    async with transaction(ctx):
        await store.add_contact(ctx, contact)
        emit(ctx, contact_event("created", contact))
    return contact


@use_case("customers:write")
async def update_contact(
    ctx: Context, contact_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Contact:
    """Changes the given fields of a contact."""
    check_fields(changes)
    async with transaction(ctx):
        contact = await store.get_contact(ctx, contact_id, lock=True)
        expect(contact.version, expected_version)
        changed = changed_contact(ctx, contact, changes)
        if changed is None:
            return contact
        await store.save_contact(ctx, changed)
        emit(ctx, contact_event("updated", changed))
    return changed


@use_case("customers:write")
async def delete_contact(ctx: Context, contact_id: str, *, expected_version: int | None = None) -> None:
    """Removes a contact, which is not reminded any more."""
    async with transaction(ctx):
        contact = await store.get_contact(ctx, contact_id, lock=True)
        expect(contact.version, expected_version)
        await store.delete_contact(ctx, contact_id)
        emit(ctx, contact_event("deleted", contact))


@use_case("customers:read")
async def get_contact(ctx: Context, contact_id: str) -> Contact:
    """One contact; raises NotFound."""
    async with reading(ctx):
        return await store.get_contact(ctx, contact_id)


@use_case("customers:read")
async def list_contacts(ctx: Context, customer_id: str, page: PageRequest) -> Page[Contact]:
    """A customer's contacts in the order of their creation; raises NotFound for an unknown customer."""
    async with reading(ctx):
        await store.get(ctx, customer_id)
        rows = await store.page_of_contacts(ctx, customer_id, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.contact_of(ctx))


@use_case("customers:read")
async def find_contacts(ctx: Context, email: str, page: PageRequest) -> Page[Contact]:
    """The contacts of all customers with this address, upper and lower case alike, in the order of their creation.

    Needs `pii:read` besides: whoever sees masks could else try addresses until one is found.
    """
    ctx.require(Scope.PII_READ)
    async with reading(ctx):
        rows = await store.page_of_contacts_at(ctx, email, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.contact_of(ctx))


def new_contact(
    ctx: Context,
    customer_id: str,
    *,
    name: str,
    role: ContactRole = "billing",
    email: str | None = None,
    phone: str | None = None,
    addresses: dict[str, str] | None = None,
    locale: str | None = None,
    opted_out_channels: list[Channel] | None = None,
) -> Contact:
    """A contact that is not stored yet, of fields that are checked."""
    now = ctx.now()
    return Contact(
        id=new_id("con"),
        customer_id=customer_id,
        name=name,
        role=role,
        email=email,
        phone=phone,
        addresses=addresses or {},
        locale=locale,
        opted_out_channels=opted_out_channels or [],
        version=1,
        created_at=now,
        updated_at=now,
    )


def changed_contact(ctx: Context, contact: Contact, changes: dict[str, Any]) -> Contact | None:
    """The contact with the given fields, which are checked, in its next version; None where they are as they were."""
    changed = replace(contact, **changes)
    if changed == contact:
        return None
    invalid = still_invalid(contact, changed)
    return replace(changed, invalid_addresses=invalid, version=contact.version + 1, updated_at=ctx.now())


def contact_event(what: str, contact: Contact) -> NewEvent:
    """`contact.created`, `contact.updated` or `contact.deleted` with the whole contact."""
    return NewEvent(f"contact.{what}", contact.id, {"contact": contact})
