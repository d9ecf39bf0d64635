"""A customer's statement of account: what is open as of a day, or what happened in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.insight.model import AgingBucket
from domain.kernel.money import Money

CreditKind = Literal["payment", "credit_note", "settled_ahead"]
MovementKind = Literal[
    "invoiced",
    "correction",
    "charge",
    "charge_waiver",
    "discount",
    "discount_reversal",
    "write_off",
    "write_off_reversal",
    "cancellation",
    "payment",
    "payment_reversal",
    "refund",
    "credit_note",
    "credit_note_cancellation",
    "timing",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementItem:
    """A receivable that was open at the end of the day.

    `amount` is what was owed by then (invoiced, corrected, charged and not waived), `settled_amount` what of it is not open any more.
    While `due_on_is_provisional` (the delivery that it counts from is not known) it is not overdue.
    """

    receivable_id: str
    number: str
    issued_on: date
    due_on: date
    due_on_is_provisional: bool
    days_overdue: int
    amount: Money
    settled_amount: Money
    open_amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCredit:
    """What the customer has to their credit: the unapplied amount of a payment or credit note.

    `settled_ahead` is what settled a receivable (whose id and number these are) before it was owed; it has no day of its own.
    """

    kind: CreditKind
    source_id: str
    number: str | None
    dated_on: date | None
    unapplied_amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMovement:
    """What changed the balance on a day: above zero the customer owes more. `balance_amount` is the balance after it.

    `source_id` is the receivable, payment, refund or credit note. `timing`, which has none, stands last and only where something was
    dated before what it undoes or settles: it is what such a movement does not change until then.
    """

    kind: MovementKind
    dated_on: date
    source_id: str | None
    number: str | None
    amount: Money
    balance_amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAccount:
    """A customer's statement in one currency. `open_amount` less `unapplied_amount` is `balance_amount`, below zero for a credit.

    `current_amount` and the buckets are the aging of the open amount. A statement of a period has an `opening_amount` and `movements`,
    which sum to the balance; one without has `items` and `credits`.
    """

    currency: str
    open_amount: Money
    unapplied_amount: Money
    balance_amount: Money
    current_amount: Money
    buckets: list[AgingBucket]
    items: list[StatementItem]
    credits: list[StatementCredit]
    opening_amount: Money | None
    movements: list[StatementMovement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A customer's statement at the end of `as_of`, with what happened since the beginning of `from_on` if that is given."""

    tenant_name: str
    customer_id: str
    customer_external_id: str | None
    customer_name: str
    locale: str
    from_on: date | None
    as_of: date
    accounts: list[StatementAccount]
