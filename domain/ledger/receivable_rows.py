"""Rows of `receivables` as dataclasses, and dataclasses as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.paging import as_json
from domain.ledger.model import Held, OpenParts, Receivable
from domain.ledger.rules.components import Parts
from domain.ledger.rules.early_payment import offered
from domain.ledger.rules.payment_terms import PaymentTerms
from domain.ledger.rules.standing import days_overdue

KEYS = {"tenant_id": "text", "id": "text"}
TERMS = {
    "number": "text",
    "order_reference": "text",
    "contract_reference": "text",
    "salesperson": "text",
    "amount": "numeric",
    "issued_on": "date",
    "due_on": "date",
    "payment_terms": "jsonb",
    "metadata": "jsonb",
}
STANDING = {
    "charged_amount": "numeric",
    "open_amount": "numeric",
    "open_interest": "numeric",
    "open_fee": "numeric",
    "open_cost": "numeric",
    "written_off_amount": "numeric",
    "discount_taken_amount": "numeric",
    "status": "text",
    "cancelled_on": "date",
    "cancellation_reason": "text",
    "overdue_at": "timestamptz",
    "version": "integer",
    "updated_at": "timestamptz",
}


def receivable_of(row: Any, now: datetime) -> Receivable:
    """A receivable from its row, as it stands at `now`."""
    receivable_id, external_id, customer_id, number, order, contract, salesperson, *rest = row
    currency, amount, charged, open_amount, *rest = rest
    interest, fee, cost, written_off, *rest = rest
    (
        issued_on,
        due_on,
        status,
        cancelled_on,
        why,
        told,
        taken,
        metadata,
        version,
        created_at,
        updated_at,
        _,
        time_zone,
    ) = rest
    terms = None if told is None else msgspec.json.decode(told, type=PaymentTerms)
    days = days_overdue(due_on, open_amount, local_date(now, time_zone))
    return Receivable(
        id=receivable_id,
        external_id=external_id,
        customer_id=customer_id,
        number=number,
        order_reference=order,
        contract_reference=contract,
        salesperson=salesperson,
        amount=Money(amount, currency),
        charged_amount=Money(charged, currency),
        open_amount=Money(open_amount, currency),
        open_parts=OpenParts.of(Parts(open_amount - interest - fee - cost, interest, fee, cost), currency),
        written_off_amount=Money(written_off, currency),
        issued_on=issued_on,
        due_on=due_on,
        payment_terms=terms,
        discount=offered(terms, Money(amount, currency), issued_on, taken),
        status=status,
        overdue=days > 0,
        days_overdue=days,
        cancelled_on=cancelled_on,
        cancellation_reason=why,
        metadata={} if metadata == "{}" else msgspec.json.decode(metadata),
        version=version,
        created_at=created_at,
        updated_at=updated_at,
    )


def held_of(ctx: Context, rows: Sequence[Any]) -> list[Held]:
    """Locked receivables from their rows."""
    now = ctx.now()
    return [Held(receivable=receivable_of(row, now), overdue_at=row[-2], time_zone=row[-1]) for row in rows]


def new_values(r: Receivable, overdue_at: datetime | None) -> tuple[Any, ...]:
    """What is stored of a new receivable, and the id of its first entry."""
    ids = (r.id, r.external_id, r.customer_id, r.number, *_references(r))
    agreed = (r.amount.currency, r.amount.amount, r.issued_on, r.due_on)
    return (*ids, *agreed, _payment_terms(r), overdue_at, _metadata(r), new_id("ent"))


def terms(r: Receivable) -> tuple[Any, ...]:
    """What was agreed, in the order of `TERMS`."""
    return (r.number, *_references(r), r.amount.amount, r.issued_on, r.due_on, _payment_terms(r), _metadata(r))


def standing(held: Held) -> tuple[Any, ...]:
    """What movements change, in the order of `STANDING`."""
    r = held.receivable
    parts = r.open_parts
    taken = r.discount.taken_amount.amount if r.discount else Decimal(0)
    amounts = (
        r.charged_amount.amount,
        r.open_amount.amount,
        parts.interest.amount,
        parts.fee.amount,
        parts.cost.amount,
    )
    given_up = (r.written_off_amount.amount, taken)
    return (
        *amounts,
        *given_up,
        r.status,
        r.cancelled_on,
        r.cancellation_reason,
        held.overdue_at,
        r.version,
        r.updated_at,
    )


def _references(r: Receivable) -> tuple[str | None, str | None, str | None]:
    return (r.order_reference, r.contract_reference, r.salesperson)


def _metadata(r: Receivable) -> str:
    return as_json(r.metadata) if r.metadata else "{}"


def _payment_terms(r: Receivable) -> str | None:
    return as_json(r.payment_terms) if r.payment_terms else None
