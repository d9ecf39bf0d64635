"""Use cases of receivables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from asyncpg import UniqueViolationError

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
from domain.ledger import entry_store, line_store, store
from domain.ledger.detail_model import Line
from domain.ledger.lines import amount_differs_from_lines, rewrite_lines, tell_lines_replaced
from domain.ledger.model import CustomerRef, Entry, Held, OpenParts, Receivable, ReceivableFilter
from domain.ledger.movements import correction_of
from domain.ledger.rules.components import only
from domain.ledger.rules.early_payment import offered
from domain.ledger.rules.lines import check_lines, numbered
from domain.ledger.rules.payment_terms import PaymentTerms, agreed_due_on
from domain.ledger.rules.references import NO_REFERENCES, References, trimmed
from domain.ledger.rules.standing import check_terms, days_overdue, overdue_at_after, revised, touched, turns_overdue_at
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
    external_id: str | None = None,
    references: References = NO_REFERENCES,
    lines: Sequence[Line] | None = None,
    metadata: dict[str, Any] | None = None,
) -> Receivable:
    """Registers an amount that a customer owes, due on `due_on` or as `payment_terms` say.

    Raises NotFound for the customer, Conflict (`external_id_taken`), InvalidInput (`lines_do_not_sum`).
    """
    check_customer_is_named(customer_id, customer_external_id)
    told = {"number": number, "amount": amount, "issued_on": issued_on, "due_on": due_on, "metadata": metadata or {}}
    terms = _agreed(external_id, payment_terms, told, references)
    try:
        async with transaction(ctx):
            customer = await store.customer_ref(ctx, customer_id, customer_external_id)
            return await _open(ctx, customer, external_id, terms, lines)
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
    references: References = NO_REFERENCES,
    lines: Sequence[Line] | None = None,
    metadata: dict[str, Any] | None = None,
    expected_version: int | None = None,
) -> Receivable:
    """Creates the receivable with this external id, or replaces its terms; the same call again changes nothing.

    Customer and currency stay (`customer_immutable`, `currency_immutable`); another amount becomes a correction and is refused
    below what is settled (`amount_below_settled`), once a discount was taken from it (`discount_taken`) or without new lines where
    there are some (`amount_differs_from_lines`). Lines that are not given stay; none given removes them.
    """
    check_customer_is_named(customer_id, customer_external_id)
    told = {"number": number, "amount": amount, "issued_on": issued_on, "due_on": due_on, "metadata": metadata or {}}
    terms = _agreed(external_id, payment_terms, told, references)
    customer = (customer_id, customer_external_id)
    try:
        return await _put(ctx, external_id, customer, terms, lines, expected_version)
    except UniqueViolationError:
        # Somebody created it between our look and our insert: now it is there to be compared.
        return await _put(ctx, external_id, customer, terms, lines, expected_version)


@use_case("receivables:write")
async def update_receivable(
    ctx: Context, receivable_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Receivable:
    """Changes the given fields among number, references, due_on, payment_terms and metadata; new payment terms bring their due date."""
    check_terms(number=changes.get("number"), due_on=changes.get("due_on"))
    changes = {**changes, **trimmed(changes)}
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        expect(held.receivable.version, expected_version)
        return await _change(ctx, held, _with_due_date(held.receivable, changes))


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
    terms = {"payment_terms": None, **asdict(NO_REFERENCES), **terms}
    days = days_overdue(terms["due_on"], terms["amount"].amount, local_date(now, customer.time_zone))
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
        discount=offered(terms["payment_terms"], terms["amount"], terms["issued_on"]),
        status="open",
        overdue=days > 0,
        days_overdue=days,
        version=1,
        created_at=now,
        updated_at=now,
        **terms,
    )
    overdue_at = turns_overdue_at(receivable.due_on, customer.time_zone)
    return Held(receivable=receivable, time_zone=customer.time_zone, overdue_at=overdue_at)


def changed_receivable(ctx: Context, held: Held, changes: dict[str, Any]) -> Held | None:
    """A locked receivable with changed terms, or None if that changes nothing; raises Conflict."""
    receivable = held.receivable
    changed = revised(receivable, changes, local_date(ctx.now(), held.time_zone))
    if changed == receivable:
        return None
    changed = replace(changed, version=receivable.version + 1, updated_at=ctx.now())
    return replace(held, receivable=changed, overdue_at=overdue_at_after(held, changed))


def change_events(before: Receivable, after: Receivable) -> list[NewEvent]:
    """`receivable.updated`, and `receivable.paid` where a correction left nothing open."""
    events = [NewEvent("receivable.updated", after.id, {"receivable": after})]
    if after.status == "paid" and before.status != "paid":
        events.append(NewEvent("receivable.paid", after.id, {"receivable": after, "payment_id": None}))
    return events


def check_customer_is_named(customer_id: str | None, external_id: str | None) -> None:
    """Raises InvalidInput unless exactly one of the two ids is given."""
    if (customer_id is None) == (external_id is None):
        raise InvalidInput.at("/customer_id", "one_customer_required", "Give customer_id or customer_external_id.")


def _agreed(
    external_id: str | None, payment_terms: PaymentTerms | None, told: dict[str, Any], references: References
) -> dict[str, Any]:
    check_terms(external_id=external_id, **told)
    due_on = agreed_due_on(told["issued_on"], told["due_on"], payment_terms)
    check_terms(due_on=due_on)
    return {**told, **trimmed(asdict(references)), "due_on": due_on, "payment_terms": payment_terms}


def _with_due_date(receivable: Receivable, changes: dict[str, Any]) -> dict[str, Any]:
    terms = changes.get("payment_terms")
    if terms is None:
        return changes
    return {**changes, "due_on": agreed_due_on(receivable.issued_on, changes.get("due_on"), terms)}


async def _put(
    ctx: Context,
    external_id: str,
    customer_ids: tuple[str | None, str | None],
    terms: dict[str, Any],
    lines: Sequence[Line] | None,
    expected_version: int | None,
) -> Receivable:
    async with transaction(ctx):
        customer = await store.customer_ref(ctx, *customer_ids)
        held = await store.lock_external(ctx, external_id)
        if held is None:
            return await _open(ctx, customer, external_id, terms, lines)
        expect(held.receivable.version, expected_version)
        return await _change(ctx, held, {**terms, "customer_id": customer.id}, lines)


async def _open(
    ctx: Context,
    customer: CustomerRef,
    external_id: str | None,
    terms: dict[str, Any],
    lines: Sequence[Line] | None = None,
) -> Receivable:
    check_lines(lines or (), terms["amount"])
    held = new_receivable(ctx, customer, external_id, terms)
    receivable = held.receivable
    await store.add(ctx, [held])
    await line_store.add(ctx, receivable.id, numbered(lines or ()))
    emit(ctx, NewEvent("receivable.created", receivable.id, {"receivable": receivable}))
    return receivable


async def _change(ctx: Context, held: Held, changes: dict[str, Any], lines: Sequence[Line] | None = None) -> Receivable:
    changed = changed_receivable(ctx, held, changes)
    after = (changed or held).receivable
    if lines is None and after.amount != held.receivable.amount and await line_store.having_lines(ctx, [after.id]):
        raise amount_differs_from_lines()
    has_new_lines = lines is not None and await rewrite_lines(ctx, after, lines)
    if changed is None and not has_new_lines:
        return held.receivable
    changed = changed or touched(held, ctx.now())
    await store.save(ctx, [changed])
    await entry_store.add(ctx, correction_of(ctx, held.receivable, changed.receivable))
    if after != held.receivable:
        emit(ctx, *change_events(held.receivable, changed.receivable))
    if has_new_lines:
        tell_lines_replaced(ctx, changed.receivable, lines or ())
    return changed.receivable


def _external_id_taken(external_id: str | None) -> Conflict:
    return Conflict("external_id_taken", f"There is a receivable with the external id {external_id!r}.")


@use_case("receivables:read")
async def receivables_by_ids(ctx: Context, ids: list[str]) -> dict[str, Receivable]:
    """Those receivables that exist, by id, in one query."""
    async with reading(ctx):
        return await store.by_ids(ctx, ids)
