"""Customers out of a file, a batch at a time: those of a customers file, and those that receivables bring with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.customers.addresses import email_hash
from domain.customers.contact_batches import add_contacts
from domain.customers.contacts import contact_event, new_contact
from domain.customers.customers import customer_event, new_customer
from domain.customers.model import Contact, Customer, Grade
from domain.customers.store import customer_of
from domain.events.log import emit
from domain.importing.rules.lines import CustomerLine, ReceivableLine
from domain.kernel.context import Context
from domain.kernel.paging import as_json
from domain.ledger.model import CustomerRef
from domain.operations.model import OperationError
from domain.storage.bulk import insert_rows, update_rows
from domain.storage.transaction import sql

_CUSTOMER = {
    "tenant_id": "text",
    "id": "text",
    "external_id": "text",
    "name": "text",
    "locale": "text",
    "time_zone": "text",
    "metadata": "jsonb",
    "owner_id": "text",
    "grade": "text",
    "tags": "text[]",
    "version": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_CHANGING = {
    name: _CUSTOMER[name] for name in ("name", "locale", "time_zone", "grade", "tags", "version", "updated_at")
}
# `limit 1` keeps the planner to the index: for `= any` over a table that has grown since the plan was made it reads all of it.
_FIND = """
    select found.* from unnest($2::text[]) as wanted (external_id) cross join lateral
      (select {} from customers c where c.tenant_id = $1 and c.external_id = wanted.external_id limit 1) as found
"""
_NAMES = ", ".join(f"c.{name}" for name in _CUSTOMER if name != "tenant_id")


@dataclass(slots=True)
class Stored:
    """What became of a batch of lines."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[OperationError] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """What a batch of customer lines comes to."""

    added: list[Customer] = field(default_factory=list)
    changed: list[Customer] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)


async def customers_for(
    ctx: Context, lines: Sequence[ReceivableLine], *, creating: Sequence[ReceivableLine], dry_run: bool
) -> dict[str, CustomerRef]:
    """The customers that receivables name, by external id; one that is known is left alone, one that `creating` needs is created."""
    rows = await sql(ctx).fetch(
        _FIND.format("c.external_id, c.id, coalesce(c.time_zone, $3)"),
        ctx.tenant_id,
        list({line.customer_external_id for line in lines}),
        ctx.time_zone,
    )
    refs = {external_id: CustomerRef(customer_id, time_zone) for external_id, customer_id, time_zone in rows}
    first_line = {line.customer_external_id: line for line in reversed(creating)}
    plan = _Plan()
    # In one order whoever imports, so that two imports of the same customers wait for each other, but not in a circle.
    for external_id, line in sorted(first_line.items()):
        if external_id in refs:
            continue
        name = line.customer_name or external_id
        customer = _new(ctx, external_id, name, line.customer_locale, line.customer_time_zone)
        refs[external_id] = CustomerRef(customer.id, customer.time_zone or ctx.time_zone)
        plan.added.append(customer)
        plan.contacts += _contacts(ctx, customer, line.customer_email)
    if not dry_run:
        await _save(ctx, plan)
    return refs


async def store_customers(ctx: Context, lines: Sequence[CustomerLine], *, dry_run: bool) -> Stored:
    """Creates or changes the customers of a batch; a mailbox that the customer does not have yet becomes a contact."""
    lines = sorted(lines, key=lambda line: line.external_id)
    known = await _known(ctx, [line.external_id for line in lines])
    suspects = [c.id for line in lines if (c := known.get(line.external_id)) and _says_else(c, line)]
    known |= {c.external_id: c for c in await _lock(ctx, suspects)}
    mailboxes = await _mailboxes(ctx, [customer.id for customer in known.values()])

    plan, stored = _Plan(), Stored()
    for line in lines:
        customer = known.get(line.external_id)
        if customer is None:
            customer = _new(ctx, line.external_id, line.name, line.locale, line.time_zone, line.grade, line.tags)
            plan.added.append(customer)
            plan.contacts += _contacts(ctx, customer, line.email)
            stored.created += 1
            continue
        is_changed = _says_else(customer, line)
        is_known = email_hash(ctx, line.email) in mailboxes[customer.id]
        contacts = [] if is_known else _contacts(ctx, customer, line.email)
        plan.changed += [_changed(ctx, customer, line)] if is_changed else []
        plan.contacts += contacts
        stored.updated += bool(is_changed or contacts)
        stored.unchanged += not (is_changed or contacts)
    if not dry_run:
        await _save(ctx, plan)
    return stored


async def customer_ids_of(ctx: Context, external_ids: Sequence[str]) -> dict[str, str]:
    """The ids of known customers by their external ids."""
    found = await sql(ctx).fetch(_FIND.format("c.external_id, c.id"), ctx.tenant_id, list(set(external_ids)))
    return dict(map(tuple, found))


async def _known(ctx: Context, external_ids: list[str]) -> dict[str | None, Customer]:
    rows = await sql(ctx).fetch(_FIND.format(_NAMES), ctx.tenant_id, external_ids)
    return {row["external_id"]: customer_of(row) for row in rows}


async def _lock(ctx: Context, ids: list[str]) -> Iterable[Customer]:
    if not ids:
        return []
    rows = await sql(ctx).fetch(
        f"select {_NAMES} from customers c where tenant_id = $1 and id = any($2) order by id for update",
        ctx.tenant_id,
        ids,
    )
    return map(customer_of, rows)


async def _mailboxes(ctx: Context, customer_ids: list[str]) -> defaultdict[str, set[bytes | None]]:
    rows = await sql(ctx).fetch(
        "select customer_id, email_hash from contacts where tenant_id = $1 and customer_id = any($2)",
        ctx.tenant_id,
        customer_ids,
    )
    of_customer: defaultdict[str, set[bytes | None]] = defaultdict(set)
    for customer_id, mailbox in rows:
        of_customer[customer_id].add(mailbox)
    return of_customer


async def _save(ctx: Context, plan: _Plan) -> None:
    await insert_rows(sql(ctx), "customers", _CUSTOMER, [_row(ctx, customer) for customer in plan.added])
    changed = [
        (ctx.tenant_id, c.id, c.name, c.locale, c.time_zone, c.grade, as_json(c.tags), c.version, c.updated_at)
        for c in plan.changed
    ]
    await update_rows(sql(ctx), "customers", {"tenant_id": "text", "id": "text"}, _CHANGING, changed)
    await add_contacts(ctx, plan.contacts)
    emit(ctx, *(customer_event("created", customer) for customer in plan.added))
    emit(ctx, *(customer_event("updated", customer) for customer in plan.changed))
    emit(ctx, *(contact_event("created", contact) for contact in plan.contacts))


def _new(
    ctx: Context,
    external_id: str,
    name: str,
    locale: str,
    time_zone: str,
    grade: Grade | None = None,
    tags: Sequence[str] = (),
) -> Customer:
    fields: dict[str, Any] = {"name": name, "locale": locale or None, "time_zone": time_zone or None, "metadata": {}}
    fields |= {"grade": grade, "tags": list(tags)}
    return new_customer(ctx, external_id, fields)


def _contacts(ctx: Context, customer: Customer, email: str) -> list[Contact]:
    """The contact that a mailbox in the file comes to, none where it names none."""
    return [new_contact(ctx, customer.id, name=customer.name, email=email)] if email else []


def _says_else(customer: Customer, line: CustomerLine) -> bool:
    return (
        line.name != customer.name
        or (line.locale or customer.locale) != customer.locale
        or (line.time_zone or customer.time_zone) != customer.time_zone
        or (line.grade or customer.grade) != customer.grade
        or (list(line.tags) or customer.tags) != customer.tags
    )


def _changed(ctx: Context, customer: Customer, line: CustomerLine) -> Customer:
    return replace(
        customer,
        name=line.name,
        locale=line.locale or customer.locale,
        time_zone=line.time_zone or customer.time_zone,
        grade=line.grade or customer.grade,
        tags=list(line.tags) or customer.tags,
        version=customer.version + 1,
        updated_at=ctx.now(),
    )


def _row(ctx: Context, customer: Customer) -> tuple[Any, ...]:
    values = {
        **{name: getattr(customer, name) for name in _CUSTOMER if name != "tenant_id"},
        "tenant_id": ctx.tenant_id,
    }
    return tuple(
        as_json(values[name]) if kind in ("jsonb", "text[]") else values[name] for name, kind in _CUSTOMER.items()
    )
