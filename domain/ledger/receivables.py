"""Use cases of receivables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from asyncpg import UniqueViolationError
from msgspec import UNSET, UnsetType

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import entry_store, store
from domain.ledger.model import CustomerRef, Entry, EntryKind, Held, OpenParts, Receivable, ReceivableFilter
from domain.ledger.rules.agreeing import agreed, with_due_date
from domain.ledger.rules.components import Component, Parts, only
from domain.ledger.rules.delivery import Delivery, check_delivery
from domain.ledger.rules.early_payment import offered
from domain.ledger.rules.payment_terms import PaymentTerms, is_provisional
from domain.ledger.rules.standing import check_terms, days_overdue, overdue_at_after, revised, turns_overdue_at
from domain.storage.transaction import reading, transaction


@use_case("receivables:write")
async def create_receivable(
    ctx: Context,
    *,
    customer_id: str | None = None,
    customer_external_id: str | None = None,
    number: str,
    amount: Money,
    issued_on: date,
    due_on: date | None = None,
    payment_terms: PaymentTerms | None = None,
    delivery: Delivery | None = None,
    external_id: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> Receivable:
    """Registers an amount that a customer owes, due on `due_on` or as `payment_terms` say.

    Raises NotFound for the customer, Conflict (`external_id_taken`).
    """
    check_customer_is_named(customer_id, customer_external_id)
    told = {"number": number, "amount": amount, "issued_on": issued_on, "due_on": due_on, "metadata": metadata or {}}
    check_terms(external_id=external_id, **told)
    told["payment_terms"] = payment_terms
    terms = agreed(told, check_delivery(delivery, "/delivery"))
    try:
        async with transaction(ctx):
            customer = await store.customer_ref(ctx, customer_id, customer_external_id)
            return await _open(ctx, customer, external_id, terms)
    except UniqueViolationError as taken:
        raise _external_id_taken(external_id) from taken


@use_case("receivables:write")
async def put_receivable(
    ctx: Context,
    external_id: str,
    *,
    customer_id: str | None = None,
    customer_external_id: str | None = None,
    number: str,
    amount: Money,
    issued_on: date,
    due_on: date | None = None,
    payment_terms: PaymentTerms | None = None,
    delivery: Delivery | UnsetType | None = UNSET,
    metadata: dict[str, Any] | None = None,
    expected_version: int | None = None,
) -> Receivable:
    """Creates the receivable with this external id, or replaces its terms; the same call again changes nothing.

    Customer and currency stay (`customer_immutable`, `currency_immutable`); another amount becomes a correction and is refused
    below what is settled (`amount_below_settled`) or once a discount was taken from it (`discount_taken`). A delivery that is
    left out stays as it was recorded.
    """
    check_customer_is_named(customer_id, customer_external_id)
    told = {"number": number, "amount": amount, "issued_on": issued_on, "due_on": due_on, "metadata": metadata or {}}
    check_terms(external_id=external_id, **told)
    told["payment_terms"] = payment_terms
    if not isinstance(delivery, UnsetType):
        told["delivery"] = check_delivery(delivery, "/delivery")
    customer = (customer_id, customer_external_id)
    try:
        return await _put(ctx, external_id, customer, told, expected_version)
    except UniqueViolationError:
        # Somebody created it between our look and our insert: now it is there to be compared.
        return await _put(ctx, external_id, customer, told, expected_version)


@use_case("receivables:write")
async def update_receivable(
    ctx: Context, receivable_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Receivable:
    """Changes the given fields among number, due_on, payment_terms and metadata; new payment terms bring their due date."""
    check_terms(number=changes.get("number"), due_on=changes.get("due_on"))
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        expect(held.receivable.version, expected_version)
        return await save_changes(ctx, held, with_due_date(held.receivable, changes))


@use_case("receivables:read")
async def get_receivable(ctx: Context, receivable_id: str) -> Receivable:
    """One receivable; raises NotFound."""
    receivable = await store.find(ctx, receivable_id)
    if receivable is None:
        raise NotFound.of("receivable", receivable_id)
    return receivable


@use_case("receivables:read")
async def get_receivable_by_external_id(ctx: Context, external_id: str) -> Receivable:
    """One receivable by the integrator's id; raises NotFound."""
    async with reading(ctx):
        receivable = await store.find_external(ctx, external_id)
    if receivable is None:
        raise NotFound.of("receivable", external_id)
    return receivable


@use_case("receivables:read")
async def list_receivables(ctx: Context, page: PageRequest, wanted: ReceivableFilter | None = None) -> Page[Receivable]:
    """Receivables in the order of their creation, those that match every given filter."""
    async with reading(ctx):
        rows = await store.page(ctx, wanted or ReceivableFilter(), page)
    return page_of(rows, page, lambda receivable: receivable.id, lambda receivable: receivable)


@use_case("receivables:read")
async def list_entries(ctx: Context, receivable_id: str, page: PageRequest) -> Page[Entry]:
    """Every movement on a receivable in its order; raises NotFound."""
    async with reading(ctx):
        if await store.find(ctx, receivable_id) is None:
            raise NotFound.of("receivable", receivable_id)
        rows = await entry_store.page(ctx, receivable_id, page)
    return page_of(rows, page, lambda row: str(row["id"]), entry_store.entry_of)


def new_receivable(ctx: Context, customer: CustomerRef, external_id: str | None, terms: dict[str, Any]) -> Held:
    """A receivable that is not stored yet."""
    now = ctx.now()
    terms = {"payment_terms": None, "delivery": None, "part": None, **terms}
    waits = is_provisional(terms["payment_terms"], terms["delivery"])
    today = local_date(now, customer.time_zone)
    days = days_overdue(terms["due_on"], terms["amount"].amount, today, is_provisional=waits)
    receivable = Receivable(
        id=new_id("rcv"),
        external_id=external_id,
        customer_id=customer.id,
        charged_amount=Money.zero(terms["amount"].currency),
        open_amount=terms["amount"],
        open_parts=OpenParts.of(only("principal", terms["amount"].amount), terms["amount"].currency),
        written_off_amount=Money.zero(terms["amount"].currency),
        cancelled_on=None,
        cancellation_reason=None,
        due_on_is_provisional=waits,
        discount=offered(terms["payment_terms"], terms["amount"], terms["issued_on"], delivery=terms["delivery"]),
        status="open",
        overdue=days > 0,
        days_overdue=days,
        version=1,
        created_at=now,
        updated_at=now,
        **terms,
    )
    overdue_at = None if waits else turns_overdue_at(receivable.due_on, customer.time_zone)
    return Held(receivable=receivable, time_zone=customer.time_zone, overdue_at=overdue_at)


def changed_receivable(ctx: Context, held: Held, changes: dict[str, Any]) -> Held | None:
    """A locked receivable with changed terms, or None if that changes nothing; raises Conflict."""
    receivable = held.receivable
    changed = revised(receivable, changes, local_date(ctx.now(), held.time_zone))
    if changed == receivable:
        return None
    changed = replace(changed, version=receivable.version + 1, updated_at=ctx.now())
    return replace(held, receivable=changed, overdue_at=overdue_at_after(held, changed))


def entry(
    ctx: Context,
    receivable_id: str,
    kind: EntryKind,
    amount: Money,
    day: date,
    *,
    component: Component = "principal",
    allocation: str | None = None,
    write_off: str | None = None,
    charge: str | None = None,
) -> Entry:
    """A movement that is not stored yet."""
    return Entry(
        id=new_id("ent"),
        receivable_id=receivable_id,
        kind=kind,
        component=component,
        amount=amount,
        effective_on=day,
        allocation_id=allocation,
        write_off_id=write_off,
        charge_id=charge,
        created_at=ctx.now(),
    )


def entries_by_part(
    ctx: Context, receivable_id: str, kind: EntryKind, parts: Parts, currency: str, day: date, **source: str
) -> list[Entry]:
    """One movement for each part of an amount; `source` names the allocation, write-off or charge."""
    return [
        entry(ctx, receivable_id, kind, Money(amount, currency), day, component=component, **source)
        for component, amount in parts.items()
    ]


def correction_of(ctx: Context, before: Receivable, after: Receivable) -> list[Entry]:
    """The movement that a change of the amount is, if it is one."""
    difference = after.amount - before.amount
    return [entry(ctx, after.id, "correction", difference, ctx.today())] if difference else []


def change_events(before: Receivable, after: Receivable) -> list[NewEvent]:
    """`receivable.updated`, and what else a change may be: a delivery recorded, or a correction that left nothing open."""
    events = [NewEvent("receivable.updated", after.id, {"receivable": after})]
    if after.delivery != before.delivery:
        events.append(NewEvent("receivable.delivery_recorded", after.id, {"receivable": after}))
    if after.status == "paid" and before.status != "paid":
        events.append(NewEvent("receivable.paid", after.id, {"receivable": after, "payment_id": None}))
    return events


def check_customer_is_named(customer_id: str | None, external_id: str | None) -> None:
    """Raises InvalidInput unless exactly one of the two ids is given."""
    if (customer_id is None) == (external_id is None):
        raise InvalidInput.at("/customer_id", "one_customer_required", "Give customer_id or customer_external_id.")


async def _put(
    ctx: Context,
    external_id: str,
    customer_ids: tuple[str | None, str | None],
    told: dict[str, Any],
    expected_version: int | None,
) -> Receivable:
    async with transaction(ctx):
        customer = await store.customer_ref(ctx, *customer_ids)
        held = await store.lock_external(ctx, external_id)
        if held is None:
            return await _open(ctx, customer, external_id, agreed(told, told.get("delivery")))
        expect(held.receivable.version, expected_version)
        terms = agreed(told, told.get("delivery", held.receivable.delivery))
        return await save_changes(ctx, held, {**terms, "customer_id": customer.id})


async def _open(ctx: Context, customer: CustomerRef, external_id: str | None, terms: dict[str, Any]) -> Receivable:
    held = new_receivable(ctx, customer, external_id, terms)
    receivable = held.receivable
    await store.add(ctx, [held])
    emit(ctx, NewEvent("receivable.created", receivable.id, {"receivable": receivable}))
    return receivable


async def save_changes(ctx: Context, held: Held, changes: dict[str, Any]) -> Receivable:
    """A locked receivable with changed terms, stored and told; the same one if that changes nothing. Raises Conflict."""
    changed = changed_receivable(ctx, held, changes)
    if changed is None:
        return held.receivable
    await store.save(ctx, [changed])
    await entry_store.add(ctx, correction_of(ctx, held.receivable, changed.receivable))
    emit(ctx, *change_events(held.receivable, changed.receivable))
    return changed.receivable


def _external_id_taken(external_id: str | None) -> Conflict:
    return Conflict("external_id_taken", f"There is a receivable with the external id {external_id!r}.")


@use_case("receivables:read")
async def receivables_by_ids(ctx: Context, ids: list[str]) -> dict[str, Receivable]:
    """Those receivables that exist, by id, in one query."""
    async with reading(ctx):
        return await store.by_ids(ctx, ids)
