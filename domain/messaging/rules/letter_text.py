"""PURE: what a letter says, apart from its layout: everything that its pages are made of, settled when its notice is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.kernel.money import Money
from domain.messaging.model import ReceivableLine

FORM = 1
"""Which layout the pages have; a letter keeps the one that it was made for."""

NUMBER_FORMAT = "M-{year}-{number}"
"""Where the tenant has none of its own; the number has six digits at least."""
MOST_IN_FORMAT = 30
_NOT_IN_FILES = '/\\:*?"<>|'


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


def letter_number(number_format: str, year: int, serial: int) -> str:
    """How a letter's number is written.

    >>> letter_number("M-{year}-{number}", 2026, 123), letter_number("催函〔{year}〕{number}号", 2026, 123)
    ('M-2026-000123', '催函〔2026〕000123号')
    """
    return number_format.replace("{year}", str(year)).replace("{number}", f"{serial:06d}")


def number_format_fault(number_format: str) -> str | None:
    """What is wrong with a format of numbers, which is to name year and number once and to make a file name on every disk.

    >>> number_format_fault("{number}/{year}"), number_format_fault("M{number}-{year}")
    ('A number has none of / \\\\ : * ? " < > |.', None)
    """
    if number_format.count("{year}") != 1 or number_format.count("{number}") != 1:
        return "A format names {year} and {number}, each once: numbers begin again with each year."
    plain = number_format.replace("{year}", "").replace("{number}", "")
    if len(plain) > MOST_IN_FORMAT or plain.strip() != plain or not plain.isprintable() or set(plain) & set("{}%"):
        return f"Besides, a format has at most {MOST_IN_FORMAT} printable characters, no braces and no %."
    return f"A number has none of {' '.join(_NOT_IN_FILES)}." if set(plain) & set(_NOT_IN_FILES) else None
