"""PURE: what a letter says, apart from its layout: everything that its pages are made of, settled when its notice is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.kernel.money import Money
from domain.messaging.model import ReceivableLine

FORM = 1
"""Which layout the pages have; a letter keeps the one that it was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterData:
    """The letter without its layout; `address` is empty where it goes as an attachment."""

    form: int = FORM
    number: str
    locale: str
    dated_on: date
    new_due_on: date | None
    company_name: str
    customer_name: str
    contact_name: str
    address: str
    title: str
    text: str
    lines: tuple[ReceivableLine, ...]

    @property
    def total(self) -> Money | None:
        """What is asked for; all lines are in one currency."""
        if not self.lines:
            return None
        return sum((line.due_amount for line in self.lines[1:]), start=self.lines[0].due_amount)


def letter_number(year: int, serial: int) -> str:
    """How a letter's number is written.

    >>> letter_number(2026, 123)
    'M-2026-000123'
    """
    return f"M-{year}-{serial:06d}"
