"""PURE: bank exports as CSV: a mapping says which column holds what, and the account that the file is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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
from domain.files.records import Record
from domain.importing.rules.mapping import DATE_FORMATS, parse_date
from domain.kernel.errors import InvalidInput
from domain.kernel.money import is_currency

FIELDS = (
    "booked_on",
    "value_on",
    "amount",
    "credit",
    "debit",
    "currency",
    "counterparty_name",
    "counterparty_account",
    "remittance",
    "end_to_end_id",
    "bank_reference",
)
_KNOWN = ("account", "currency", "date_format", "columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvMapping:
    """Which account the file is of, which column holds which field, how days are written; `currency` where no column says it."""

    account: str
    currency: str | None = None
    date_format: str = "YYYY-MM-DD"
    columns: dict[str, str] = field(default_factory=dict)


def csv_mapping_of(given: Mapping[str, Any] | None) -> CsvMapping:
    """A checked mapping; raises InvalidInput at the first wrong place."""
    given = given or {}
    for name in given:
        if name not in _KNOWN:
            raise InvalidInput.at(f"mapping/{name}", "unknown_field", f"A mapping has no {name!r}.")
    columns = given.get("columns", {})
    texts = {"account": given.get("account"), "date_format": given.get("date_format", "YYYY-MM-DD")}
    if not isinstance(columns, Mapping) or not all(_is_text(column) for column in columns.values()):
        raise InvalidInput.at("mapping/columns", "malformed_mapping", "columns is an object of strings.")
    for name in columns:
        if name not in FIELDS:
            raise InvalidInput.at(
                f"mapping/columns/{name}", "unknown_field", f"A bank statement has no field {name!r}."
            )
    if not _is_text(texts["account"]):
        raise InvalidInput.at("mapping/account", "missing_field", "The mapping names the account that the file is of.")
    if not isinstance(texts["date_format"], str) or texts["date_format"] not in DATE_FORMATS:
        raise InvalidInput.at(
            "mapping/date_format", "unknown_date_format", f"date_format is one of {', '.join(DATE_FORMATS)}."
        )
    currency = given.get("currency")
    if currency is not None and (not isinstance(currency, str) or not is_currency(currency)):
        raise InvalidInput.at("mapping/currency", "unknown_currency", "This is not an ISO 4217 currency.")
    return CsvMapping(
        account=str(texts["account"]), currency=currency, date_format=texts["date_format"], columns=dict(columns)
    )


class StatementCsv:
    """Feed it records, header first."""

    def __init__(self, mapping: CsvMapping) -> None:
        self._mapping = mapping
        self._place: dict[str, int] | None = None
        self._currency: str | None = mapping.currency
        self._is_open = False

    def record(self, record: Record) -> Iterator[Item]:
        """What one record says; raises StatementRefused."""
        if self._place is None:
            self._place = self._places(record.fields)
            return
        told = {name: _value(record.fields, place) for name, place in self._place.items()}
        movement = self._movement(told, record.line)
        if not self._is_open:
            self._is_open, self._currency = True, movement.amount.currency
            yield Opened(account=self._mapping.account, reference="", currency=self._currency, opening_balance=None)
        if movement.amount.currency != self._currency:
            raise StatementRefused("mixed_currencies", f"The statement is in {self._currency}.", record.line)
        yield movement

    def end(self) -> Iterator[Item]:
        """The file is over."""
        if self._place is None:
            raise StatementRefused("empty_file", "The file has no header line.", 1)
        if self._is_open:
            yield Closed(closing_balance=None)

    def _places(self, header: Sequence[str]) -> dict[str, int]:
        names, found = [name.strip() for name in header], {}
        for wanted in FIELDS:
            name = self._mapping.columns.get(wanted, wanted)
            if names.count(name) > 1:
                raise StatementRefused("duplicate_column", f"There are {names.count(name)} columns {name!r}.", 1)
            if name in names:
                found[wanted] = names.index(name)
            elif wanted in self._mapping.columns:
                raise StatementRefused("missing_column", f"There is no column {name!r} to read {wanted} from.", 1)
        has_amount = "amount" in found or "credit" in found
        if "booked_on" not in found or not has_amount:
            raise StatementRefused("missing_column", "A bank statement has booked_on, and amount or credit.", 1)
        return found

    def _movement(self, told: Mapping[str, str], line: int) -> Movement:
        currency = told.get("currency") or self._currency
        if not currency:
            raise StatementRefused("missing_value", "Neither the line nor the mapping names a currency.", line)
        direction, amount = _amount(told, line)
        return Movement(
            line=line,
            direction=direction,
            amount=money_of(amount, currency, line),
            is_reversal=False,
            booked_on=self._day(told["booked_on"], line),
            value_on=self._day(told["value_on"], line) if told.get("value_on") else None,
            remittance=text_of(told.get("remittance", ""), LONGEST_REMITTANCE, line),
            counterparty_name=text_of(told.get("counterparty_name", ""), LONGEST_NAME, line),
            counterparty_account=text_of(told.get("counterparty_account", ""), LONGEST_REFERENCE, line),
            end_to_end_id=text_of(told.get("end_to_end_id", ""), LONGEST_REFERENCE, line),
            bank_reference=text_of(told.get("bank_reference", ""), LONGEST_REFERENCE, line),
        )

    def _day(self, text: str, line: int) -> date:
        # Many banks put the time of day behind the day.
        day = parse_date(text, self._mapping.date_format) or parse_date(
            text.partition(" ")[0], self._mapping.date_format
        )
        if day is None:
            raise StatementRefused("unparsable_date", f"No day written as {self._mapping.date_format}.", line)
        return day_of(day.year, day.month, day.day, line)


def _amount(told: Mapping[str, str], line: int) -> tuple[Direction, str]:
    """Direction and bare amount out of one signed column or of two; grouping commas are taken out."""
    credit, debit = (_bare(told.get(name, "")) for name in ("credit", "debit"))
    if "amount" in told:
        amount = _bare(told["amount"])
        if amount.startswith("-"):
            return "debit", amount[1:]
        return "credit", amount.removeprefix("+")
    if credit.strip("0.") and debit.strip("0."):
        raise StatementRefused("credit_and_debit", "A line has a credit or a debit, not both.", line)
    return ("debit", debit.removeprefix("-")) if debit.strip("0.") else ("credit", credit or debit)


def _bare(text: str) -> str:
    """`1,299.00` is 1299.00, while a comma that is not followed by three digits is no grouping and is refused later."""
    whole, point, rest = text.partition(".")
    first, *groups = whole.split(",")
    if groups and len(first.lstrip("+-")) <= 3 and all(len(group) == 3 for group in groups):
        return first + "".join(groups) + point + rest
    return text


def _value(fields: Sequence[str], place: int) -> str:
    return fields[place].strip() if place < len(fields) else ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value.strip()) <= LONGEST_REFERENCE and "\x00" not in value
