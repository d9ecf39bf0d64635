"""Use cases of receivables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from asyncpg import UniqueViolationError
from msgspec import UNSET, UnsetType

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import entry_store, store
from domain.ledger.detail_model import Line
from domain.ledger.model import Entry, Receivable, ReceivableFilter
from domain.ledger.registering import register, save_changes
from domain.ledger.rules.agreeing import agreed, with_due_date
from domain.ledger.rules.delivery import Delivery, check_delivery
from domain.ledger.rules.payment_terms import PaymentTerms
from domain.ledger.rules.references import NO_REFERENCES, References, trimmed
from domain.ledger.rules.standing import check_terms
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
    references: References = NO_REFERENCES,
    lines: Sequence[Line] | None = None,
    metadata: dict[str, Any] | None = None,
) -> Receivable:
    """Registers an amount that a customer owes, due on `due_on` or as `payment_terms` say.

    Raises NotFound for the customer, Conflict (`external_id_taken`), InvalidInput (`lines_do_not_sum`).
    """
    check_customer_is_named(customer_id, customer_external_id)
    told = {"number": number, "amount": amount, "issued_on": issued_on, "due_on": due_on, "metadata": metadata or {}}
    check_terms(external_id=external_id, **told)
    told |= {**trimmed(asdict(references)), "payment_terms": payment_terms}
    terms = agreed(told, check_delivery(delivery, "/delivery"))
    try:
        async with transaction(ctx):
            customer = await store.customer_ref(ctx, customer_id, customer_external_id)
            return await register(ctx, customer, external_id, terms, lines)
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
    references: References = NO_REFERENCES,
    lines: Sequence[Line] | None = None,
    metadata: dict[str, Any] | None = None,
    expected_version: int | None = None,
) -> Receivable:
    """Creates the receivable with this external id, or replaces its terms; the same call again changes nothing.

    Customer and currency stay (`customer_immutable`, `currency_immutable`); another amount becomes a correction and is refused
    below what is settled (`amount_below_settled`), once a discount was taken from it (`discount_taken`) or without new lines where
    there are some (`amount_differs_from_lines`). Lines that are not given stay; none given removes them. A delivery that is left
    out stays as it was recorded.
    """
    check_customer_is_named(customer_id, customer_external_id)
    told = {"number": number, "amount": amount, "issued_on": issued_on, "due_on": due_on, "metadata": metadata or {}}
    check_terms(external_id=external_id, **told)
    told |= {**trimmed(asdict(references)), "payment_terms": payment_terms}
    if not isinstance(delivery, UnsetType):
        told["delivery"] = check_delivery(delivery, "/delivery")
    customer = (customer_id, customer_external_id)
    try:
        return await _put(ctx, external_id, customer, told, lines, expected_version)
    except UniqueViolationError:
        # Somebody created it between our look and our insert: now it is there to be compared.
        return await _put(ctx, external_id, customer, told, lines, expected_version)


@use_case("receivables:write")
async def update_receivable(
    ctx: Context, receivable_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Receivable:
    """Changes the given fields among number, references, due_on, payment_terms and metadata; new payment terms bring their due date."""
    check_terms(number=changes.get("number"), due_on=changes.get("due_on"), metadata=changes.get("metadata"))
    changes = {**changes, **trimmed(changes)}
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


def check_customer_is_named(customer_id: str | None, external_id: str | None) -> None:
    """Raises InvalidInput unless exactly one of the two ids is given."""
    if (customer_id is None) == (external_id is None):
        raise InvalidInput.at("/customer_id", "one_customer_required", "Give customer_id or customer_external_id.")


async def _put(
    ctx: Context,
    external_id: str,
    customer_ids: tuple[str | None, str | None],
    told: dict[str, Any],
    lines: Sequence[Line] | None,
    expected_version: int | None,
) -> Receivable:
    async with transaction(ctx):
        customer = await store.customer_ref(ctx, *customer_ids)
        held = await store.lock_external(ctx, external_id)
        if held is None:
            return await register(ctx, customer, external_id, agreed(told, told.get("delivery")), lines)
        expect(held.receivable.version, expected_version)
        terms = agreed(told, told.get("delivery", held.receivable.delivery))
        return await save_changes(ctx, held, {**terms, "customer_id": customer.id}, lines)


def _external_id_taken(external_id: str | None) -> Conflict:
    return Conflict("external_id_taken", f"There is a receivable with the external id {external_id!r}.")


@use_case("receivables:read")
async def receivables_by_ids(ctx: Context, ids: list[str]) -> dict[str, Receivable]:
    """Those receivables that exist, by id, in one query."""
    async with reading(ctx):
        return await store.by_ids(ctx, ids)
