"""The customers of a golden year: how they live, what they owe, and what they do on which day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from domain.customers.model import Grade

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
REFUSED = "refused"
"""Whoever is called so has no friends among those who approve."""

What = Literal["pays", "disputes", "loses the dispute", "opts out of email", "cannot be reached"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that a customer does, or that is learnt of it, so many days after the due date at this local hour."""

    day: int
    hour: int = 12
    what: What = "pays"
    amount: str | None = None
    """What is paid; without one, all of the first invoice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What is owed."""

    number: str
    amount: str = "1200.00"
    currency: str = "CNY"
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A customer with one contact."""

    name: str
    invoices: tuple[Invoice, ...]
    time_zone: str = SHANGHAI
    locale: str = "zh-CN"
    grade: Grade | None = None
    contact: dict[str, Any] = field(default_factory=lambda: {"email": "pay@customer.example"})
    deeds: tuple[Deed, ...] = ()


MAIL_AND_PHONE = {"email": "pay@customer.example", "phone": "+8613800006789"}
# Both New York's changes of the clock (8 March and 1 November 2026) lie between the steps of somebody there.
EDGES = (0, 1, 15, 16, 45, 46, 60, 61, 120, 121)


def _edges() -> Iterator[Debtor]:
    """Who pays at noon of a day that is the last, or the first, of a rung."""
    for n, day in enumerate(EDGES):
        invoice = Invoice(number=f"EDGE-{day}", due_on=date(2026, 2, 2))
        yield Debtor(
            name=f"pays on day {day}",
            invoices=(invoice,),
            grade="C" if n % 2 else "B",
            contact=MAIL_AND_PHONE,
            deeds=(Deed(day=day),),
        )


DEBTORS: tuple[Debtor, ...] = (
    *_edges(),
    Debtor(
        name="pays early",
        invoices=(Invoice(number="EARLY", due_on=date(2026, 3, 10)),),
        deeds=(Deed(day=-8),),
    ),
    Debtor(
        name="pays before nine on day 15",
        invoices=(Invoice(number="MORNING", due_on=date(2026, 3, 1), currency="USD"),),
        time_zone=NEW_YORK,
        locale="en",
        contact=MAIL_AND_PHONE,
        deeds=(Deed(day=15, hour=8),),
    ),
    Debtor(
        name="pays in part",
        invoices=(Invoice(number="PART", due_on=date(2026, 10, 20), currency="USD"),),
        time_zone=NEW_YORK,
        locale="en",
        grade="C",
        deeds=(Deed(day=10, amount="500.00"), Deed(day=50, amount="700.00")),
    ),
    Debtor(
        name="never pays",
        invoices=(Invoice(number="NEVER", due_on=date(2026, 2, 15)),),
        grade="C",
        contact=MAIL_AND_PHONE,
    ),
    Debtor(
        name=REFUSED,
        invoices=(Invoice(number="REFUSED", due_on=date(2026, 3, 5), currency="USD"),),
        time_zone=NEW_YORK,
        locale="en",
        contact=MAIL_AND_PHONE,
    ),
    Debtor(
        name="disputes",
        invoices=(Invoice(number="DISPUTED", due_on=date(2026, 4, 1)),),
        deeds=(
            Deed(day=2, what="disputes"),
            Deed(day=40, what="loses the dispute"),
            Deed(day=61, hour=10),
        ),
    ),
    Debtor(
        name="opts out",
        invoices=(Invoice(number="OUT", due_on=date(2026, 5, 4)),),
        locale="en",
        contact=MAIL_AND_PHONE,
        deeds=(Deed(day=5, what="opts out of email"), Deed(day=70)),
    ),
    Debtor(
        name="has only a phone",
        invoices=(Invoice(number="PHONE", due_on=date(2026, 6, 1)),),
        contact={"phone": "+8613800006790"},
        deeds=(Deed(day=50),),
    ),
    Debtor(
        name="has no address",
        invoices=(Invoice(number="NOWHERE", due_on=date(2026, 6, 2)),),
        contact={},
        deeds=(Deed(day=20),),
    ),
    Debtor(
        name="owes in two currencies",
        invoices=(
            Invoice(number="TWO-USD", due_on=date(2026, 7, 1), currency="USD", amount="300.00"),
            Invoice(number="TWO-CNY", due_on=date(2026, 7, 1)),
        ),
        deeds=(Deed(day=4),),
    ),
    Debtor(
        name="owes since last year",
        invoices=(Invoice(number="OLD", due_on=date(2025, 9, 1)),),
        deeds=(Deed(day=200),),
    ),
    Debtor(
        name="has moved away",
        invoices=(Invoice(number="AWAY", due_on=date(2026, 8, 3)),),
        deeds=(Deed(day=50, what="cannot be reached"),),
    ),
)
