"""PURE: from a record of a file to what it says, or to every reason why it cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from domain.customers.model import ContactRole, Grade
from domain.customers.rules import CONTACT_ROLES, GRADES, LOCALES, is_email, wrong_addresses
from domain.files.records import WHOLE_RECORD, Record
from domain.importing.model import ImportKind
from domain.importing.rules.columns import Columns, Refused
from domain.importing.rules.lines import ContactLine, CreditNoteLine, CustomerLine, PaymentLine, ReceivableLine
from domain.importing.rules.mapping import CREDIT_REASONS, FIELDS, parse_date
from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar, is_time_zone
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money, is_currency
from domain.kernel.pii import looks_masked
from domain.ledger.rules.references import has_control_characters
from domain.ledger.rules.standing import LONGEST_NAME
from domain.operations.model import OperationError

Reader = Callable[[str], Any]
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_LONGEST_CUSTOMER_NAME = 300
_LONGEST_PHONE = 32
# Addresses repeat in a file of receivables, and checking one costs as much as all the rest of a row.
_is_email = lru_cache(maxsize=20_000)(is_email)


class RowReader:
    """Reads the records of one file, whose columns are known."""

    def __init__(self, columns: Columns, *, with_day_cells: bool = False) -> None:
        """`with_day_cells` says that the file has cells that hold days, which are told as 2026-01-31 whatever the date format."""
        self.columns = columns
        self._fields = FIELDS[columns.kind]
        self._readers = _readers(columns.kind, columns.date_format, with_day_cells=with_day_cells)

    def of_kind(self) -> Callable[[Record], Any]:
        """What reads a record of this file."""
        readers: dict[ImportKind, Callable[[Record], Any]] = {
            "receivables": self.receivable,
            "customers": self.customer,
            "contacts": self.contact,
            "payments": self.payment,
            "credit_notes": self.credit_note,
        }
        return readers[self.columns.kind]

    def receivable(self, record: Record) -> ReceivableLine | list[OperationError]:
        """What a record of a receivables file says, or all that is wrong with it."""
        said, errors = self._read(record)
        if errors:
            return errors
        external_id, customer, number, amount, currency, issued_on, due_on, *others = said
        if due_on < issued_on:
            early = Refused("due_before_issue", f"due_on is before issued_on, {issued_on}.")
            return [self.columns.error(record.line, "due_on", early, str(due_on))]
        money = self._money(record, amount, currency)
        if isinstance(money, OperationError):
            return [money]
        return ReceivableLine(record.line, external_id, customer, number, money, issued_on, due_on, *others)

    def customer(self, record: Record) -> CustomerLine | list[OperationError]:
        """What a record of a customers file says, or all that is wrong with it."""
        said, errors = self._read(record)
        return errors or CustomerLine(record.line, *said)

    def contact(self, record: Record) -> ContactLine | list[OperationError]:
        """What a record of a contacts file says, or all that is wrong with it."""
        said, errors = self._read(record)
        if errors:
            return errors
        line = ContactLine(record.line, *said)
        if not line.email and not line.phone:
            nowhere = Refused("missing_address", "A contact of a file has an e-mail address, a phone number or both.")
            return [self.columns.error(record.line, "email", nowhere, "")]
        return line

    def payment(self, record: Record) -> PaymentLine | list[OperationError]:
        """What a record of a payments file says, or all that is wrong with it."""
        said, errors = self._read(record)
        if errors:
            return errors
        external_id, customer, amount, currency, *rest = said
        money = self._money(record, amount, currency)
        if isinstance(money, OperationError):
            return [money]
        return PaymentLine(record.line, external_id, customer, money, *rest)

    def credit_note(self, record: Record) -> CreditNoteLine | list[OperationError]:
        """What a record of a credit notes file says, or all that is wrong with it."""
        said, errors = self._read(record)
        if errors:
            return errors
        external_id, customer, number, amount, currency, *rest = said
        money = self._money(record, amount, currency)
        if isinstance(money, OperationError):
            return [money]
        return CreditNoteLine(record.line, external_id, customer, number, money, *rest)

    def _money(self, record: Record, amount: Decimal, currency: str) -> Money | OperationError:
        try:
            return Money(amount, currency)
        except InvalidInput as wrong:
            refused = Refused(wrong.errors[0].code, wrong.detail)
            return self.columns.error(record.line, "amount", refused, f"{amount:f}")

    def _read(self, record: Record) -> tuple[list[Any], list[OperationError]]:
        if WHOLE_RECORD in record.faults:
            return [], [self.columns.error(record.line, "", Refused(*record.faults[WHOLE_RECORD]), "")]
        errors: list[OperationError] = []
        said: list[Any] = []
        try:
            values = self.columns.values(record)
        except Refused as refused:
            return [], [self.columns.error(record.line, "", refused, ",".join(record.fields))]
        for field, value, read in zip(self._fields, values, self._readers, strict=True):
            if record.faults and (fault := self.columns.fault(record, field)):
                errors.append(self.columns.error(record.line, field, Refused(*fault), ""))
                continue
            try:
                said.append(read(value))
            except Refused as refused:
                errors.append(self.columns.error(record.line, field, refused, value))
        return said, errors


def _readers(kind: ImportKind, date_format: str, *, with_day_cells: bool) -> list[Reader]:
    """How each field is read, in the order of `FIELDS`."""
    day = partial(_day_cell if with_day_cells else _day, date_format=date_format)
    optional = partial(_text, longest=LONGEST_NAME)
    customer_name = partial(_text, longest=_LONGEST_CUSTOMER_NAME)
    if kind == "receivables":
        terms: list[Reader] = [_required, _required, optional, _amount, _currency, day, day]
        return [*terms, customer_name, _email, _locale, _time_zone, _reference, _reference, _reference]
    if kind == "credit_notes":
        return [_required, _required, _required, _amount, _currency, day, _reason, optional, _names]
    if kind == "payments":
        return [_required, _required, _amount, _currency, day, optional, optional, _names]
    if kind == "contacts":
        return [_required, _required, _email, _phone, _role, _locale, _addresses]
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


def _reason(value: str) -> str:
    if _required(value) not in CREDIT_REASONS:
        raise Refused("unknown_reason", f"A reason is one of {', '.join(CREDIT_REASONS)}.")
    return value


def _names(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(";"))
    if len(set(names)) < len(names):
        raise Refused("receivable_named_twice", "A receivable is named once.")
    return tuple(_text(name, LONGEST_NAME) for name in names if name)


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
        raise Refused("date_out_of_range", OUT_OF_CALENDAR)
    return day


def _day_cell(value: str, date_format: str) -> date:
    is_told = parse_date(value, "YYYY-MM-DD") is not None
    return _day(value, "YYYY-MM-DD" if is_told else date_format)


def _email(value: str) -> str:
    if looks_masked(value):
        raise Refused("masked_address", "This is the masked form of an address.")
    if value and (len(value) > 254 or not _is_email(value)):
        raise Refused("malformed_email", "This is not an e-mail address.")
    return value


def _phone(value: str) -> str:
    if looks_masked(value):
        raise Refused("masked_address", "This is the masked form of a phone number.")
    return _text(value, _LONGEST_PHONE)


def _addresses(value: str) -> dict[str, str]:
    """`wecom=wmAbC; push=token`."""
    addresses: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in value.split(";"))):
        channel, equals, address = (part.strip() for part in pair.partition("="))
        if not equals or channel in addresses:
            raise Refused(
                "malformed_addresses", "Addresses are written like wecom=wmAbC; push=token, each channel once."
            )
        addresses[channel] = address
    for wrong in wrong_addresses(addresses):
        raise Refused(wrong.code, wrong.detail)
    return addresses


def _role(value: str) -> ContactRole | None:
    role = next((role for role in CONTACT_ROLES if role == value), None)
    if value and role is None:
        raise Refused("unknown_role", f"A role is one of {', '.join(CONTACT_ROLES)}.")
    return role


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
