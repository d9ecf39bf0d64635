"""Customers and contacts in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import msgspec
from asyncpg import ForeignKeyViolationError, UniqueViolationError

from domain.customers.address_index import index_addresses
from domain.customers.addresses import (
    email_hash,
    invalid_addresses,
    open_address,
    open_addresses,
    seal_address,
    seal_addresses,
)
from domain.customers.model import Contact, Customer
from domain.customers.tables import ContactRow, CustomerRow
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.paging import PageRequest, as_json
from domain.storage.transaction import sql

_CUSTOMER = ", ".join(field.name for field in fields(Customer))
_ADDRESSES = ("email", "phone")
_SEALED = (*_ADDRESSES, "addresses")
CONTACT = ", ".join(f"sealed_{field.name}" if field.name in _SEALED else field.name for field in fields(Contact))


async def add(ctx: Context, customer: Customer) -> None:
    """Stores a new customer; raises Conflict if its external id is taken."""
    row = CustomerRow(tenant_id=ctx.tenant_id, **_customer_values(customer))
    try:
        await CustomerRow.insert(row)
    except UniqueViolationError as taken:
        raise external_id_taken("customer", customer.external_id) from taken
    except ForeignKeyViolationError as missing:
        raise _unknown_owner(customer) from missing


async def save(ctx: Context, customer: Customer) -> None:
    """Replaces a customer's row."""
    values = _customer_values(customer)
    try:
        await CustomerRow.update(values).where(
            (CustomerRow.tenant_id == ctx.tenant_id) & (CustomerRow.id == customer.id)
        )
    except UniqueViolationError as taken:
        raise external_id_taken("customer", customer.external_id) from taken
    except ForeignKeyViolationError as missing:
        raise _unknown_owner(customer) from missing


async def get(ctx: Context, customer_id: str, *, lock: bool = False) -> Customer:
    """One customer; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_CUSTOMER} from customers where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        customer_id,
    )
    if row is None:
        raise NotFound.of("customer", customer_id)
    return customer_of(row)


async def find_external(ctx: Context, external_id: str, *, lock: bool = False) -> Customer | None:
    """One customer by the id that the integrator gave it."""
    row = await sql(ctx).fetchrow(
        f"select {_CUSTOMER} from customers where tenant_id = $1 and external_id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        external_id,
    )
    return customer_of(row) if row else None


async def by_ids(ctx: Context, ids: list[str]) -> dict[str, Customer]:
    """Customers by id, those that exist."""
    rows = await sql(ctx).fetch(
        f"select {_CUSTOMER} from customers where tenant_id = $1 and id = any($2)", ctx.tenant_id, ids
    )
    return {row["id"]: customer_of(row) for row in rows}


async def page(ctx: Context, request: PageRequest, owner_id: str | None) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_CUSTOMER} from customers where tenant_id = $1 and ($2::text is null or id > $2)"
        " and ($4::text is null or owner_id = $4) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
        owner_id,
    )


async def add_contact(ctx: Context, contact: Contact) -> None:
    """Stores a new contact; raises NotFound if there is no such customer."""
    try:
        await ContactRow.insert(ContactRow(tenant_id=ctx.tenant_id, **_contact_values(ctx, contact)))
    except ForeignKeyViolationError as missing:
        raise NotFound.of("customer", contact.customer_id) from missing
    await index_addresses(ctx, [contact], is_new=True)


async def save_contact(ctx: Context, contact: Contact) -> None:
    """Replaces a contact's row."""
    await ContactRow.update(_contact_values(ctx, contact)).where(
        (ContactRow.tenant_id == ctx.tenant_id) & (ContactRow.id == contact.id)
    )
    await index_addresses(ctx, [contact], is_new=False)


async def delete_contact(ctx: Context, contact_id: str) -> None:
    """Removes a contact; notices keep the address they were sent to."""
    await ContactRow.delete().where((ContactRow.tenant_id == ctx.tenant_id) & (ContactRow.id == contact_id))


async def get_contact(ctx: Context, contact_id: str, *, lock: bool = False) -> Contact:
    """One contact; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {CONTACT} from contacts where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        contact_id,
    )
    if row is None:
        raise NotFound.of("contact", contact_id)
    return contact_of(ctx)(row)


async def lock_contacts(ctx: Context, ids: list[str]) -> list[Contact]:
    """Those of the contacts that exist, locked until the transaction ends."""
    rows = await sql(ctx).fetch(
        f"select {CONTACT} from contacts where tenant_id = $1 and id = any($2) order by id for update",
        ctx.tenant_id,
        ids,
    )
    return list(map(contact_of(ctx), rows))


async def page_of_contacts(ctx: Context, customer_id: str, request: PageRequest) -> list[Any]:
    """Rows of a page of one customer's contacts, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {CONTACT} from contacts where tenant_id = $1 and customer_id = $2 and ($3::text is null or id > $3)"
        " order by id limit $4",
        ctx.tenant_id,
        customer_id,
        request.after,
        request.limit + 1,
    )


async def page_of_contacts_at(ctx: Context, email: str, request: PageRequest) -> list[Any]:
    """Rows of a page of the contacts with this address, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {CONTACT} from contacts where tenant_id = $1 and email_hash = $2 and ($3::text is null or id > $3)"
        " order by id limit $4",
        ctx.tenant_id,
        email_hash(ctx, email),
        request.after,
        request.limit + 1,
    )


def _unknown_owner(customer: Customer) -> InvalidInput:
    return InvalidInput.at("/owner_id", "unknown_owner", f"There is no user {customer.owner_id!r}.")


def external_id_taken(noun: str, external_id: str | None) -> Conflict:
    """Somebody else has this external id."""
    return Conflict("external_id_taken", f"There is a {noun} with the external id {external_id!r}.")


def customer_of(row: Any) -> Customer:
    """A customer from its row."""
    return Customer(**{**dict(row), "metadata": msgspec.json.decode(row["metadata"])})


def contact_of(ctx: Context) -> Callable[[Any], Contact]:
    """What makes a contact, its addresses opened, of its row."""

    def make(row: Any) -> Contact:
        values = dict(row)
        for name in _ADDRESSES:
            values[name] = open_address(ctx, values["id"], name, values.pop(f"sealed_{name}"))
        values["invalid_addresses"] = invalid_addresses(values["invalid_addresses"])
        values["addresses"] = open_addresses(ctx, values["id"], values.pop("sealed_addresses"))
        return Contact(**values)

    return make


def _customer_values(customer: Customer) -> dict[str, Any]:
    values = {field.name: getattr(customer, field.name) for field in fields(customer)}
    return {**values, "metadata": as_json(customer.metadata)}


def _contact_values(ctx: Context, contact: Contact) -> dict[str, Any]:
    values = {field.name: getattr(contact, field.name) for field in fields(contact)}
    for name in _ADDRESSES:
        values[f"sealed_{name}"] = seal_address(ctx, contact.id, name, values.pop(name))
    values["invalid_addresses"] = as_json(contact.invalid_addresses)
    values["sealed_addresses"] = seal_addresses(ctx, contact.id, values.pop("addresses"))
    return {**values, "email_hash": email_hash(ctx, contact.email)}
