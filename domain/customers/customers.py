"""Use cases of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from msgspec import UNSET, UnsetType

from domain.customers import store
from domain.customers.model import Condition, Customer, Grade, Narrowing
from domain.customers.rules import check_fields, tag_set
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, NotFound
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, transaction


@use_case("customers:write")
async def create_customer(
    ctx: Context,
    *,
    name: str,
    external_id: str | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
    metadata: dict[str, Any] | None = None,
    owner_id: str | None = None,
    grade: Grade | None = None,
    tags: Sequence[str] = (),
    country: str | None = None,
) -> Customer:
    """Registers a party that may owe; raises Conflict (`external_id_taken`). A limited collector's new customer is its own."""
    owner_id = owner_id or ctx.customers_of
    fields: dict[str, Any] = {"name": name, "locale": locale, "time_zone": time_zone, "metadata": metadata or {}}
    fields |= {"owner_id": owner_id, "grade": grade, "tags": tags, "country": country}
    fields = _checked(fields)
    _check_owner(ctx, fields)
    customer = new_customer(ctx, external_id, fields)
    async with transaction(ctx):
        await store.add(ctx, customer)
        emit(ctx, customer_event("created", customer))
    return customer


@use_case("customers:write")
async def put_customer(
    ctx: Context,
    external_id: str,
    *,
    name: str,
    locale: str | None = None,
    time_zone: str | None = None,
    metadata: dict[str, Any] | None = None,
    owner_id: str | UnsetType | None = UNSET,
    grade: Grade | UnsetType | None = UNSET,
    tags: Sequence[str] | UnsetType = UNSET,
    country: str | UnsetType | None = UNSET,
    expected_version: int | None = None,
) -> Customer:
    """Creates the customer with this external id, or replaces its fields; the same call again changes nothing.

    Without `owner_id` the owner stays, and so do `grade`, `tags` and `country`: who looks after a customer, how good a debtor it is,
    what the tenant calls it and whose holidays it keeps is not for every feeding system to say.
    """
    fields: dict[str, Any] = {"name": name, "locale": locale, "time_zone": time_zone, "metadata": metadata or {}}
    optional = {"owner_id": owner_id, "grade": grade, "tags": tags, "country": country}
    fields = _checked(fields | {name: told for name, told in optional.items() if told is not UNSET})
    _check_owner(ctx, fields)
    async with transaction(ctx):
        existing = await store.find_external(ctx, external_id, lock=True)
        if existing is not None:
            expect(existing.version, expected_version)
            return await _change(ctx, existing, fields)
        customer = new_customer(ctx, external_id, {"owner_id": ctx.customers_of, **fields})
        await store.add(ctx, customer)
        emit(ctx, customer_event("created", customer))
    return customer


@use_case("customers:write")
async def update_customer(
    ctx: Context, customer_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Customer:
    """Changes the given fields among name, locale, time_zone, metadata, owner_id, grade, tags and country."""
    changes = _checked(changes)
    _check_owner(ctx, changes)
    async with transaction(ctx):
        customer = await store.get(ctx, customer_id, lock=True)
        expect(customer.version, expected_version)
        return await _change(ctx, customer, changes)


@use_case("customers:read")
async def get_customer(ctx: Context, customer_id: str) -> Customer:
    """One customer; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, customer_id)


@use_case("customers:read")
async def get_customer_by_external_id(ctx: Context, external_id: str) -> Customer:
    """One customer by the integrator's id; raises NotFound."""
    async with reading(ctx):
        customer = await store.find_external(ctx, external_id)
    if customer is None:
        raise NotFound.of("customer", external_id)
    return customer


@use_case("customers:read")
async def list_customers(
    ctx: Context, page: PageRequest, *, owner_id: str | None = None, among: Narrowing | None = None
) -> Page[Customer]:
    """Customers in the order of their creation, all or one owner's, and of those all or the ones `among` leaves."""
    async with reading(ctx):
        narrowed = await among.condition(ctx, store.FIRST_FREE) if among else Condition()
        rows = await store.page(ctx, page, owner_id, narrowed)
    return page_of(rows, page, lambda row: str(row["id"]), store.customer_of)


def new_customer(ctx: Context, external_id: str | None, fields: dict[str, Any]) -> Customer:
    """A customer that is not stored yet."""
    now = ctx.now()
    return Customer(id=new_id("cus"), external_id=external_id, version=1, created_at=now, updated_at=now, **fields)


def customer_event(what: str, customer: Customer) -> NewEvent:
    """`customer.created` or `customer.updated` with the whole customer."""
    return NewEvent(f"customer.{what}", customer.id, {"customer": customer})


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    check_fields(fields)
    return {**fields, "tags": tag_set(fields["tags"])} if "tags" in fields else fields


def _check_owner(ctx: Context, fields: dict[str, Any]) -> None:
    """A limited collector can neither give a customer away nor make one for another."""
    if ctx.customers_of is not None and fields.get("owner_id", ctx.customers_of) != ctx.customers_of:
        raise Forbidden("not_your_customer", "A collector limited to own customers cannot give a customer to another.")


async def _change(ctx: Context, customer: Customer, changes: dict[str, Any]) -> Customer:
    changed = replace(customer, **changes)
    if changed == customer:
        return customer
    changed = replace(changed, version=customer.version + 1, updated_at=ctx.now())
    await store.save(ctx, changed)
    emit(ctx, customer_event("updated", changed))
    return changed


@use_case("customers:read")
async def customers_by_ids(ctx: Context, ids: list[str]) -> dict[str, Customer]:
    """Those customers that exist, by id, in one query."""
    async with reading(ctx):
        return await store.by_ids(ctx, ids)
