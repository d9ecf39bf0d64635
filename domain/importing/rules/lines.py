"""What one line of a file says, by kind; an empty text is nothing said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.customers.model import ContactRole, Grade
from domain.kernel.money import Money
from domain.ledger.model import CreditReason


@dataclass(slots=True)
class ReceivableLine:
    """What one line of a receivables file says; an empty text is nothing said."""

    line: int
    external_id: str
    customer_external_id: str
    number: str
    amount: Money
    issued_on: date
    due_on: date
    customer_name: str
    customer_email: str
    customer_locale: str
    customer_time_zone: str
    order_reference: str = ""
    contract_reference: str = ""
    salesperson: str = ""


@dataclass(slots=True)
class CustomerLine:
    """What one line of a customers file says; an empty text is nothing said."""

    line: int
    external_id: str
    name: str
    email: str
    locale: str
    time_zone: str
    grade: Grade | None


@dataclass(slots=True)
class ContactLine:
    """What one line of a contacts file says; an empty text is nothing said, and of `email` and `phone` one at least is said.

    `addresses` are those of other channels by the channel's name.
    """

    line: int
    customer_external_id: str
    name: str
    email: str
    phone: str
    role: ContactRole | None
    locale: str
    addresses: dict[str, str]


@dataclass(slots=True)
class PaymentLine:
    """What one line of a payments file says; an empty text is nothing said. `allocations` are ids or numbers of receivables."""

    line: int
    external_id: str
    customer_external_id: str
    amount: Money
    received_on: date
    reference: str
    method: str
    allocations: tuple[str, ...]


@dataclass(slots=True)
class CreditNoteLine:
    """What one line of a credit notes file says; an empty text is nothing said. `allocations` are ids or numbers of receivables."""

    line: int
    external_id: str
    customer_external_id: str
    number: str
    amount: Money
    issued_on: date
    reason: CreditReason
    note: str
    allocations: tuple[str, ...]
