"""PURE: what every kind of bank file is turned into, and how its amounts, days and texts are checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from domain.files.records import FileRefused
from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money, is_currency

Direction = Literal["credit", "debit"]
LONGEST_REMITTANCE, LONGEST_NAME, LONGEST_REFERENCE = 4000, 300, 200
_AMOUNT = re.compile(r"[0-9]{1,40}([.,][0-9]{0,20})?", re.ASCII)
_BLANKS = re.compile(r"\s+")


class StatementRefused(FileRefused):
    """A bank file that is not taken at all, told by a stable `code` and the line of the first wrong place."""

    def __init__(self, code: str, detail: str, line: int) -> None:
        super().__init__(code, f"Line {line}: {detail}")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A statement begins; balances are signed, in `currency`, and None where the file has none."""

    account: str
    reference: str
    currency: str | None
    opening_balance: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement on the account; `amount` is not negative, an empty text is nothing said.

    `is_reversal` says that the bank takes an earlier movement back.
    """

    line: int
    direction: Direction
    amount: Money
    is_reversal: bool
    booked_on: date
    value_on: date | None
    remittance: str
    counterparty_name: str
    counterparty_account: str
    end_to_end_id: str
    bank_reference: str

    @property
    def signed(self) -> Decimal:
        """What the movement adds to the balance."""
        return self.amount.amount if self.direction == "credit" else -self.amount.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A statement ends."""

    closing_balance: Decimal | None


Item = Opened | Movement | Closed


def money_of(text: str, currency: str, line: int) -> Money:
    """An amount without sign, point or comma before its decimals; raises StatementRefused."""
    if not is_currency(currency):
        raise StatementRefused("unknown_currency", f"{currency[:10]!r} is not an ISO 4217 currency.", line)
    if not _AMOUNT.fullmatch(text):
        raise StatementRefused("unparsable_amount", f"{text[:40]!r} is not an amount.", line)
    try:
        return Money(Decimal(text.replace(",", ".")), currency)
    except InvalidInput as wrong:
        raise StatementRefused(wrong.errors[0].code, wrong.detail, line) from wrong


def day_of(year: int, month: int, day: int, line: int) -> date:
    """A day that a ledger can hold; raises StatementRefused."""
    try:
        found = date(year, month, day)
    except ValueError as wrong:
        raise StatementRefused("unparsable_date", f"There is no day {year}-{month}-{day}.", line) from wrong
    if not is_in_calendar(found):
        raise StatementRefused("date_out_of_range", OUT_OF_CALENDAR, line)
    return found


def text_of(text: str, longest: int, line: int) -> str:
    """One line of text with single blanks, cut to what is kept; raises StatementRefused for NUL."""
    if "\x00" in text:
        raise StatementRefused("nul_character", "NUL is not a character of a text.", line)
    return _BLANKS.sub(" ", text).strip()[:longest]
