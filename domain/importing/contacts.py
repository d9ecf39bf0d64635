"""Contacts out of a file, a batch at a time: those whose customer and mailbox are known are changed, the others are added.

A mailbox tells a customer's contacts apart; a line without one is of the contact without a mailbox that has its phone number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.customers.contact_batches import add_contacts, contacts_at, lock_customers, save_contacts
from domain.customers.contacts import changed_contact, contact_event, new_contact
from domain.customers.model import Contact
from domain.events.log import emit
from domain.importing.customers import Stored, customer_ids_of
from domain.importing.rules.columns import Columns, Refused
from domain.importing.rules.lines import ContactLine
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.operations.model import OperationError

Place = tuple[str, str]


@dataclass(slots=True)
class _Plan:
    """What a batch of lines comes to."""

    added: list[Contact] = field(default_factory=list)
    changed: list[Contact] = field(default_factory=list)


async def store_contacts(ctx: Context, columns: Columns, lines: Sequence[ContactLine], *, dry_run: bool) -> Stored:
    """Adds or changes the contacts of a batch; those that say nothing new are not touched."""
    customers = await customer_ids_of(ctx, [line.customer_external_id for line in lines])
    stored = Stored()
    known = [line for line in lines if line.customer_external_id in customers]
    stored.errors += [_unknown(columns, line) for line in lines if line.customer_external_id not in customers]
    suspects = _saying_else(ctx, known, customers, await _found(ctx, known, customers))
    plan = _Plan()
    if suspects:
        await lock_customers(ctx, list({customers[line.customer_external_id] for line in suspects}))
        plan = _plan(ctx, suspects, customers, await _found(ctx, suspects, customers, lock=True))
    stored.created, stored.updated = len(plan.added), len(plan.changed)
    stored.unchanged = len(known) - stored.created - stored.updated
    if not dry_run:
        await _save(ctx, plan)
    return stored


async def _found(
    ctx: Context, lines: Sequence[ContactLine], customers: dict[str, str], *, lock: bool = False
) -> dict[Place, Contact]:
    """The contacts that the lines are of, the oldest where several are at one place."""
    ids = list({customers[line.customer_external_id] for line in lines})
    emails = [line.email for line in lines if line.email]
    contacts = await contacts_at(ctx, ids, emails, without_mailbox=len(emails) < len(lines), lock=lock)
    return {_place(contact.customer_id, contact.email, contact.phone): contact for contact in contacts}


def _place(customer_id: str, email: str | None, phone: str | None) -> Place:
    return customer_id, email.strip().lower() if email else (phone or "")


def _place_of(line: ContactLine, customers: dict[str, str]) -> Place:
    return _place(customers[line.customer_external_id], line.email, line.phone)


def _saying_else(
    ctx: Context, lines: Sequence[ContactLine], customers: dict[str, str], found: dict[Place, Contact]
) -> list[ContactLine]:
    return [
        line
        for line in lines
        if (contact := found.get(_place_of(line, customers))) is None or _changed(ctx, contact, line) is not None
    ]


def _plan(ctx: Context, lines: Sequence[ContactLine], customers: dict[str, str], found: dict[Place, Contact]) -> _Plan:
    plan = _Plan()
    for line in lines:
        contact = found.get(_place_of(line, customers))
        if contact is None:
            plan.added.append(_new(ctx, customers[line.customer_external_id], line))
        elif (changed := _changed(ctx, contact, line)) is not None:
            plan.changed.append(changed)
    return plan


def _new(ctx: Context, customer_id: str, line: ContactLine) -> Contact:
    return new_contact(
        ctx,
        customer_id,
        name=line.name,
        role=line.role or "billing",
        email=line.email or None,
        phone=line.phone or None,
        addresses=line.addresses,
        locale=line.locale or None,
    )


def _changed(ctx: Context, contact: Contact, line: ContactLine) -> Contact | None:
    """A mailbox stays as it was written first, since upper and lower case are alike; channels that the line does not name stay."""
    said: dict[str, Any] = {"name": line.name, "role": line.role, "phone": line.phone, "locale": line.locale}
    said["addresses"] = {**contact.addresses, **line.addresses} if line.addresses else None
    return changed_contact(ctx, contact, {name: value for name, value in said.items() if value})


async def _save(ctx: Context, plan: _Plan) -> None:
    await add_contacts(ctx, plan.added)
    await save_contacts(ctx, plan.changed)
    emit(ctx, *(contact_event("created", contact) for contact in plan.added))
    emit(ctx, *(contact_event("updated", contact) for contact in plan.changed))


def _unknown(columns: Columns, line: ContactLine) -> OperationError:
    missing = NotFound.of("customer", line.customer_external_id)
    refused = Refused(missing.code, missing.detail)
    return columns.error(line.line, "customer_external_id", refused, line.customer_external_id)
