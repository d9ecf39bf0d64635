"""PURE: whether a customer's list can be taken, and its lines out of a CSV text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from domain.files.csv_records import CsvRecords
from domain.files.encodings import candidates_for
from domain.files.records import FileRefused, Record
from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money, quantum_of
from domain.ledger.rules.references import has_control_characters
from domain.ledger.rules.standing import LONGEST_NAME
from domain.reconciliation.model import MOST_ITEMS
from domain.reconciliation.rules.matching import TheirItem

COLUMNS = ("number", "amount", "due_on", "issued_on", "reference")
_REQUIRED = ("number", "amount")
_MOST_ERRORS = 100


def check_list(items: Sequence[TheirItem], currency: str) -> None:
    """Raises InvalidInput naming what is wrong, up to a hundred places."""
    quantum_of(currency)
    if not items:
        raise InvalidInput.at("/items", "list_empty", "The list has at least one line.")
    if len(items) > MOST_ITEMS:
        raise InvalidInput.at("/items", "too_many_items", f"A list has at most {MOST_ITEMS} lines.")
    errors = tuple(error for _, error in zip(range(_MOST_ERRORS), _wrong(items, currency), strict=False))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)


def check_day(name: str, day: date) -> None:
    """Raises InvalidInput for a day that no ledger can hold."""
    if not is_in_calendar(day):
        raise InvalidInput.at(f"/{name}", "date_out_of_range", OUT_OF_CALENDAR)


def lines_of(content: bytes, charset: str | None) -> list[dict[str, str]]:
    """What each line of a CSV says under the names of its header, without what it leaves empty; raises InvalidInput.

    At most one line more than a list may have is read. Cells are texts: a formula is what it looks like.
    """
    text = _decoded(content, charset)
    parser = CsvRecords()
    parser.feed(text)
    parser.end()
    try:
        records = parser.complete()
        places = _places(next(records, Record(1, [])))
        return [_said(record, places) for _, record in zip(range(MOST_ITEMS + 1), records, strict=False)]
    except FileRefused as refused:
        raise InvalidInput.at("", refused.code, refused.detail) from refused


def _decoded(content: bytes, charset: str | None) -> str:
    for encoding in candidates_for(charset):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput.at("", "unknown_encoding", "A list is in UTF-8 or GB18030.")


def _places(header: Record) -> dict[str, int]:
    names = [name.strip() for name in header.fields]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise InvalidInput.at("", "duplicate_column", f"There are {names.count(name)} columns {name!r}.")
    for name in _REQUIRED:
        if name not in names:
            raise InvalidInput.at("", "missing_column", f"There is no column {name!r}.")
    return {name: names.index(name) for name in COLUMNS if name in names}


def _said(record: Record, places: dict[str, int]) -> dict[str, str]:
    cells = {name: record.fields[place].strip() for name, place in places.items() if place < len(record.fields)}
    return {name: cell for name, cell in cells.items() if cell}


def _wrong(items: Sequence[TheirItem], currency: str) -> Iterator[FieldError]:
    for n, item in enumerate(items):
        for error in (*_wrong_texts(item), *_wrong_amount(item.amount, currency), *_wrong_days(item)):
            yield FieldError(f"/items/{n}{error.pointer}", error.code, error.detail)


def _wrong_texts(item: TheirItem) -> Iterator[FieldError]:
    for name, text in (("number", item.number), ("reference", item.reference)):
        if text is not None and not 1 <= len(text) <= LONGEST_NAME:
            yield FieldError(f"/{name}", "length_out_of_range", f"{name} has 1 to {LONGEST_NAME} characters.")
        elif text is not None and has_control_characters(text):
            yield FieldError(f"/{name}", "control_character", f"Control characters are not part of a {name}.")


def _wrong_amount(amount: Decimal, currency: str) -> Iterator[FieldError]:
    try:
        Money(amount, currency)
    except InvalidInput as wrong:
        yield from wrong.errors
    else:
        if amount <= 0:
            yield FieldError("/amount", "amount_not_positive", "The amount is more than zero.")


def _wrong_days(item: TheirItem) -> Iterator[FieldError]:
    for name, day in (("due_on", item.due_on), ("issued_on", item.issued_on)):
        if day is not None and not is_in_calendar(day):
            yield FieldError(f"/{name}", "date_out_of_range", OUT_OF_CALENDAR)
