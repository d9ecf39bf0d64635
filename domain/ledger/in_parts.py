"""The use case that registers an invoice due in several parts: a receivable for each, all or none."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from asyncpg import UniqueViolationError

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.usecase import use_case
from domain.ledger import store
from domain.ledger.model import CustomerRef, Receivable
from domain.ledger.receivables import check_customer_is_named
from domain.ledger.registering import new_receivable
from domain.ledger.rules.agreeing import agreed
from domain.ledger.rules.delivery import Delivery, check_delivery
from domain.ledger.rules.parts import ReceivablePart
from domain.ledger.rules.payment_terms import PaymentTerms, check_agreed_parts, due_parts
from domain.ledger.rules.references import NAMES, NO_REFERENCES, References, trimmed
from domain.ledger.rules.standing import check_terms
from domain.storage.transaction import transaction

_SAME = ("customer_id", "number", "amount", "issued_on", "payment_terms", "metadata", *NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableParts:
    """The receivables of one invoice, in the order of its parts."""

    group_id: str
    receivables: list[Receivable]


@use_case("receivables:write")
async def create_receivables_in_parts(
    ctx: Context,
    *,
    customer_id: str | None = None,
    customer_external_id: str | None = None,
    number: str,
    amount: Money,
    issued_on: date,
    payment_terms: PaymentTerms,
    due_on: date | None = None,
    delivery: Delivery | None = None,
    external_id: str | None = None,
    references: References = NO_REFERENCES,
    metadata: dict[str, Any] | None = None,
) -> ReceivableParts:
    """Registers a receivable for each part of `payment_terms`; they sum to `amount`, and are called `external_id`/1 and so on.

    The same call with the same external id again changes nothing. Raises NotFound for the customer, Conflict (`external_id_taken`).
    """
    check_customer_is_named(customer_id, customer_external_id)
    told = {"number": number, "amount": amount, "issued_on": issued_on, "metadata": metadata or {}}
    check_terms(external_id=external_id and f"{external_id}/{len(payment_terms.parts)}", **told)
    if due_on is not None:
        raise InvalidInput.at("/due_on", "due_on_of_parts", "Each part is due as the payment terms say.")
    told |= trimmed(asdict(references))
    terms = _terms_of_parts(told, payment_terms, check_delivery(delivery, "/delivery"))
    try:
        return await _find_or_add(ctx, (customer_id, customer_external_id), external_id, terms)
    except UniqueViolationError:
        # Somebody registered them between our look and our insert: now they are there to be compared.
        return await _find_or_add(ctx, (customer_id, customer_external_id), external_id, terms)


async def _find_or_add(
    ctx: Context, customer_ids: tuple[str | None, str | None], external_id: str | None, terms: list[dict[str, Any]]
) -> ReceivableParts:
    names = [external_id and f"{external_id}/{n}" for n in range(1, len(terms) + 1)]
    async with transaction(ctx):
        customer = await store.customer_ref(ctx, *customer_ids)
        if external_id is not None:
            # A group of another size has its first part in common with this one.
            found = await store.lock_by_external_ids(ctx, [str(name) for name in names])
            if found:
                return _same(external_id, [h.receivable for h in found], terms, customer)
        return await _add(ctx, customer, names, terms)


def _terms_of_parts(told: dict[str, Any], whole: PaymentTerms, delivery: Delivery | None) -> list[dict[str, Any]]:
    check_agreed_parts(whole)
    amounts = [part.amount for part in due_parts(whole, told["amount"], told["issued_on"])]
    if not all(amounts):
        raise InvalidInput.at("/amount/amount", "amount_too_small_for_parts", "A part of it would be nothing.")
    pairs = zip(amounts, whole.parts, strict=True)
    one = [{**told, "amount": m, "due_on": None, "payment_terms": replace(whole, parts=(p,))} for m, p in pairs]
    return [agreed(terms, delivery) for terms in one]


async def _add(
    ctx: Context, customer: CustomerRef, ids: list[str | None], terms: list[dict[str, Any]]
) -> ReceivableParts:
    group_id, count = new_id("grp"), len(terms)
    held = [
        new_receivable(ctx, customer, name, {**one, "part": ReceivablePart(number=n, count=count, group_id=group_id)})
        for n, (name, one) in enumerate(zip(ids, terms, strict=True), 1)
    ]
    await store.add(ctx, held)
    emit(ctx, *(NewEvent("receivable.created", h.receivable.id, {"receivable": h.receivable}) for h in held))
    return ReceivableParts(group_id=group_id, receivables=[h.receivable for h in held])


def _same(
    external_id: str, found: list[Receivable], terms: list[dict[str, Any]], customer: CustomerRef
) -> ReceivableParts:
    """The parts as they were registered before; raises Conflict if this call says anything else."""
    by_number = {r.part.number: r for r in found if r.part is not None and r.part.count == len(terms)}
    parts = [by_number[n] for n in sorted(by_number)]
    told = [{**one, "customer_id": customer.id} for one in terms]
    if len(parts) != len(terms) or any(
        getattr(r, name) != one[name] for r, one in zip(parts, told, strict=True) for name in _SAME
    ):
        raise _taken(external_id)
    assert parts[0].part is not None
    return ReceivableParts(group_id=parts[0].part.group_id, receivables=parts)


def _taken(external_id: str | None) -> Conflict:
    return Conflict("external_id_taken", f"There are receivables with the external id {external_id!r}.")
