"""PURE: MT940 (SWIFT Customer Statement Message, Category 9), read line by line in bounded memory.

Own code, since the mt-940 library reads a whole file into objects at once and passes over what it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.banking.rules.lines import (
    LONGEST_NAME,
    LONGEST_REFERENCE,
    LONGEST_REMITTANCE,
    Closed,
    Direction,
    Item,
    Movement,
    Opened,
    StatementRefused,
    day_of,
    money_of,
    text_of,
)
from domain.banking.rules.mt940_details import details_of

_TAG = re.compile(r":([0-9]{2}[A-Z]?|NS):(.*)", re.DOTALL)
_BALANCE = re.compile(r"(?P<sign>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})(?P<amount>[0-9,]+)")
# 6!n[4!n]2a[1!a]15d1!a3!c16x[//16x] and the supplementary details on a line of their own; banks write longer references.
_ENTRY = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>[0-9,]+)"
    r"[A-Z][A-Z0-9]{3}(?P<reference>(?:(?!//)[^\n])*)(?://(?P<bank>[^\n]*))?(?:\n.*)?",
    re.DOTALL,
)
_PASSED_OVER = frozenset({"13", "13D", "21", "34F", "64", "65", "90C", "90D", "NS"})
_KNOWN = _PASSED_OVER | {"20", "25", "28", "28C", "60F", "60M", "61", "62F", "62M", "86"}
_MOST_LINES_OF_A_FIELD = 100


class Mt940:
    """Feed it lines of text, take what became complete."""

    def __init__(self) -> None:
        self._tag, self._text, self._at = "", [""], 0
        self._statement: dict[str, str] | None = None
        self._currency: str | None = None
        self._entry: tuple[int, re.Match[str]] | None = None
        self._is_closed = True

    def line(self, number: int, text: str) -> Iterator[Item]:
        """Takes one line without its end."""
        text = text.rstrip()
        if text.startswith("{") or text in ("-}", "-", ""):
            if not text.startswith("{") and text:
                yield from self._take()
            return
        found = _TAG.match(text)
        if found is None and (not self._tag or text.startswith(":")):
            raise StatementRefused("malformed_tag", f"{text[:20]!r} is no tag of MT940.", number)
        if found is None:
            self._text.append(text)
            if len(self._text) > _MOST_LINES_OF_A_FIELD:
                raise StatementRefused("malformed_tag", f"A field has at most {_MOST_LINES_OF_A_FIELD} lines.", number)
            return
        yield from self._take()
        self._tag, self._text, self._at = found[1], [found[2]], number
        if self._tag not in _KNOWN:
            raise StatementRefused("unknown_tag", f":{self._tag}: is no tag of MT940.", number)

    def end(self, number: int) -> Iterator[Item]:
        """The file is over; raises StatementRefused if a statement is not."""
        yield from self._take()
        if not self._is_closed:
            raise StatementRefused("truncated_statement", "The last statement has no closing balance.", number)

    def _take(self) -> Iterator[Item]:
        """What the field that is now complete says."""
        tag, self._tag = self._tag, ""
        if tag == "86" and self._entry is not None:
            yield self._movement(self._text)
            return
        if self._entry is not None and tag:
            yield self._movement([])
        if tag == "20":
            if not self._is_closed:
                raise StatementRefused("truncated_statement", "A statement has no closing balance.", self._at)
            self._statement, self._is_closed = {"20": self._text[0]}, False
        elif tag in ("25", "28", "28C") and self._statement is not None:
            self._statement[tag[:2]] = self._text[0]
        elif tag in ("60F", "60M"):
            yield self._opened()
        elif tag == "61":
            self._entry = (self._at, self._entry_of("\n".join(self._text)))
        elif tag in ("62F", "62M"):
            _, closing = self._balance()
            self._is_closed, self._currency = True, None
            yield Closed(closing_balance=closing)

    def _opened(self) -> Opened:
        if self._statement is None or "25" not in self._statement or self._currency is not None:
            raise StatementRefused(
                "malformed_statement", "An opening balance comes once, after :20: and :25:.", self._at
            )
        self._currency, opening = self._balance()
        return Opened(
            account=text_of(self._statement["25"], LONGEST_REFERENCE, self._at),
            reference=text_of(self._statement.get("28", self._statement["20"]), LONGEST_REFERENCE, self._at),
            currency=self._currency,
            opening_balance=opening,
        )

    def _balance(self) -> tuple[str, Decimal]:
        found = _BALANCE.fullmatch(self._text[0].strip())
        if found is None:
            raise StatementRefused("malformed_tag", f"{self._text[0][:40]!r} is not a balance.", self._at)
        if self._tag_needs_opening() and found["currency"] != self._currency:
            raise StatementRefused("mixed_currencies", f"The statement is in {self._currency}.", self._at)
        _day(found["day"], self._at)
        amount = money_of(found["amount"], found["currency"], self._at).amount
        return found["currency"], amount if found["sign"] == "C" else -amount

    def _tag_needs_opening(self) -> bool:
        return self._currency is not None

    def _entry_of(self, text: str) -> re.Match[str]:
        if self._currency is None:
            raise StatementRefused("malformed_statement", "A line comes after an opening balance.", self._at)
        found = _ENTRY.fullmatch(text)
        if found is None:
            raise StatementRefused("malformed_tag", f"{text[:60]!r} is not a statement line.", self._at)
        return found

    def _movement(self, information: list[str]) -> Movement:
        assert self._entry is not None
        assert self._currency is not None
        (line, found), self._entry = self._entry, None
        value_on = _day(found["value"], line)
        told = details_of(information)
        mark = found["mark"]
        # A reversal of a credit takes money away.
        direction: Direction = "credit" if mark in ("C", "RD") else "debit"
        reference = found["reference"].strip()
        return Movement(
            line=line,
            direction=direction,
            amount=money_of(found["amount"], self._currency, line),
            is_reversal=len(mark) == 2,
            booked_on=_booked(value_on, found["entry"], line),
            value_on=value_on,
            remittance=text_of(told.remittance, LONGEST_REMITTANCE, line),
            counterparty_name=text_of(told.name, LONGEST_NAME, line),
            counterparty_account=text_of(told.account, LONGEST_REFERENCE, line),
            end_to_end_id=text_of(told.end_to_end_id or _unless_none(reference), LONGEST_REFERENCE, line),
            bank_reference=text_of(_unless_none((found["bank"] or "").strip()), LONGEST_REFERENCE, line),
        )


def _unless_none(reference: str) -> str:
    return "" if reference.upper() in ("NONREF", "NOTPROVIDED") else reference


def _day(text: str, line: int) -> date:
    """Two digits of a year are of 1980 to 2079, as SWIFT reads them."""
    year = int(text[:2])
    return day_of(year + (2000 if year < 80 else 1900), int(text[2:4]), int(text[4:]), line)


def _booked(value_on: date, entry: str | None, line: int) -> date:
    """The entry date has no year: it is that day of the nearest year."""
    if entry is None:
        return value_on
    month, day = int(entry[:2]), int(entry[2:])
    year = value_on.year + (1 if value_on.month - month > 6 else -1 if month - value_on.month > 6 else 0)
    return day_of(year, month, day, line)
