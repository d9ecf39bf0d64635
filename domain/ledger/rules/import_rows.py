"""PURE: from a record of a file to what it says, or to every reason why it cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from domain.customers.model import Grade
from domain.customers.rules import GRADES, LOCALES, is_email
from domain.kernel.calendar import is_time_zone
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money, is_currency
from domain.kernel.pii import looks_masked
from domain.ledger.model import ImportKind
from domain.ledger.rules.csv_records import Record
from domain.ledger.rules.import_columns import Columns, Refused
from domain.ledger.rules.import_mapping import FIELDS, parse_date
from domain.ledger.rules.references import has_control_characters
from domain.ledger.rules.standing import LONGEST_NAME, is_in_calendar
from domain.operations.model import OperationError

Reader = Callable[[str], Any]
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_LONGEST_CUSTOMER_NAME = 300
# Addresses repeat in a file of receivables, and checking one costs as much as all the rest of a row.
_is_email = lru_cache(maxsize=20_000)(is_email)


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


class RowReader:
    """Reads the records of one file, whose columns are known."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._fields = FIELDS[columns.kind]
        self._readers = _readers(columns.kind, columns.date_format)

    def receivable(self, record: Record) -> ReceivableLine | list[OperationError]:
        """What a record of a receivables file says, or all that is wrong with it."""
        said, errors = self._read(record)
        if errors:
            return errors
        external_id, customer, number, amount, currency, issued_on, due_on, *others = said
        if due_on < issued_on:
            early = Refused("due_before_issue", f"due_on is before issued_on, {issued_on}.")
            return [self.columns.error(record.line, "due_on", early, str(due_on))]
        try:
            money = Money(amount, currency)
        except InvalidInput as wrong:
            refused = Refused(wrong.errors[0].code, wrong.detail)
            return [self.columns.error(record.line, "amount", refused, str(amount))]
        return ReceivableLine(record.line, external_id, customer, number, money, issued_on, due_on, *others)

    def customer(self, record: Record) -> CustomerLine | list[OperationError]:
        """What a record of a customers file says, or all that is wrong with it."""
        said, errors = self._read(record)
        return errors or CustomerLine(record.line, *said)

    def _read(self, record: Record) -> tuple[list[Any], list[OperationError]]:
        errors: list[OperationError] = []
        said: list[Any] = []
        try:
            values = self.columns.values(record)
        except Refused as refused:
            return [], [self.columns.error(record.line, "", refused, ",".join(record.fields))]
        for field, value, read in zip(self._fields, values, self._readers, strict=True):
            try:
                said.append(read(value))
            except Refused as refused:
                errors.append(self.columns.error(record.line, field, refused, value))
        return said, errors


def _readers(kind: ImportKind, date_format: str) -> list[Reader]:
    """How each field is read, in the order of `FIELDS`."""
    day = partial(_day, date_format=date_format)
    optional = partial(_text, longest=LONGEST_NAME)
    customer_name = partial(_text, longest=_LONGEST_CUSTOMER_NAME)
    if kind == "receivables":
        terms: list[Reader] = [_required, _required, optional, _amount, _currency, day, day]
        return [*terms, customer_name, _email, _locale, _time_zone, _reference, _reference, _reference]
    return [_required, partial(_required, longest=_LONGEST_CUSTOMER_NAME), _email, _locale, _time_zone, _grade]


def _text(value: str, longest: int) -> str:
    if len(value) > longest:
        raise Refused("too_long", f"At most {longest} characters.")
    if "\x00" in value:
        raise Refused("nul_character", "NUL is not a character of a text.")
    return value


def _reference(value: str) -> str:
    if not value:
        return value
    if has_control_characters(value):
        raise Refused("control_character", "Control characters are not part of a reference.")
    return _text(value, LONGEST_NAME)


def _required(value: str, longest: int = LONGEST_NAME) -> str:
    if not value:
        raise Refused("missing_value", "The line has no value here.")
    return _text(value, longest)


def _amount(value: str) -> Decimal:
    if not _AMOUNT.fullmatch(_required(value)):
        raise Refused("unparsable_amount", "An amount is written like 1299.00, without grouping.")
    amount = Decimal(value)
    if amount <= 0:
        raise Refused("amount_not_positive", "The amount is more than zero.")
    return amount


def _currency(value: str) -> str:
    if not is_currency(_required(value)):
        raise Refused("unknown_currency", "This is not an ISO 4217 currency.")
    return value


def _day(value: str, date_format: str) -> date:
    day = parse_date(_required(value), date_format)
    if day is None:
        raise Refused("unparsable_date", f"This is not a day written as {date_format}.")
    if not is_in_calendar(day):
        raise Refused("date_out_of_range", "Dates are between 1970 and 2200.")
    return day


def _email(value: str) -> str:
    if looks_masked(value):
        raise Refused("masked_address", "This is the masked form of an address.")
    if value and (len(value) > 254 or not _is_email(value)):
        raise Refused("malformed_email", "This is not an e-mail address.")
    return value


def _locale(value: str) -> str:
    if value and value not in LOCALES:
        raise Refused("unknown_locale", f"A locale is one of {', '.join(LOCALES)}.")
    return value


def _time_zone(value: str) -> str:
    if value and not is_time_zone(value):
        raise Refused("unknown_time_zone", "This is not an IANA time zone.")
    return value


def _grade(value: str) -> Grade | None:
    grade = next((grade for grade in GRADES if grade == value), None)
    if value and grade is None:
        raise Refused("unknown_grade", f"A grade is one of {', '.join(GRADES)}.")
    return grade
