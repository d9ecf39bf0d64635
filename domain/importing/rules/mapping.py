"""PURE: how the columns of a file correspond to our fields, as the integrator tells it; checked before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, get_args

from domain.customers.rules import CONTACT_ROLES, GRADES, LOCALES
from domain.files.encodings import candidates_for
from domain.importing.model import ImportKind
from domain.kernel.calendar import is_time_zone
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import is_currency
from domain.ledger.model import CreditReason

FIELDS: dict[ImportKind, tuple[str, ...]] = {
    "receivables": (
        "external_id",
        "customer_external_id",
        "number",
        "amount",
        "currency",
        "issued_on",
        "due_on",
        "customer_name",
        "customer_email",
        "customer_locale",
        "customer_time_zone",
        "order_reference",
        "contract_reference",
        "salesperson",
    ),
    "customers": ("external_id", "name", "email", "locale", "time_zone", "grade"),
    "contacts": ("customer_external_id", "name", "email", "phone", "role", "locale", "addresses"),
    "credit_notes": (
        "external_id",
        "customer_external_id",
        "number",
        "amount",
        "currency",
        "issued_on",
        "reason",
        "note",
        "allocations",
    ),
    "payments": (
        "external_id",
        "customer_external_id",
        "amount",
        "currency",
        "received_on",
        "reference",
        "method",
        "allocations",
    ),
}
REQUIRED: dict[ImportKind, frozenset[str]] = {
    "receivables": frozenset({"external_id", "customer_external_id", "amount", "currency", "issued_on", "due_on"}),
    "customers": frozenset({"external_id", "name"}),
    "contacts": frozenset({"customer_external_id", "name"}),
    "credit_notes": frozenset(
        {"external_id", "customer_external_id", "number", "amount", "currency", "issued_on", "reason"}
    ),
    "payments": frozenset({"external_id", "customer_external_id", "amount", "currency", "received_on"}),
}
# What tells the object of a line from the others of its file: the first of these that the line says, beside what `OWNER` says.
IDENTITY: dict[ImportKind, tuple[str, ...]] = {"contacts": ("email", "phone")}
OWNER: dict[ImportKind, str] = {"contacts": "customer_external_id"}
ADDRESSES = frozenset({"email", "customer_email", "phone", "addresses"})
BY_EXTERNAL_ID = ("external_id",)
_YEAR, _MONTH, _DAY = "(?P<year>[0-9]{4})", "(?P<month>[0-9]{1,2})", "(?P<day>[0-9]{1,2})"
DATE_FORMATS = {
    "YYYY-MM-DD": re.compile("(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
    "M/D/YYYY": re.compile(f"{_MONTH}/{_DAY}/{_YEAR}"),
    "D/M/YYYY": re.compile(f"{_DAY}/{_MONTH}/{_YEAR}"),
    "D.M.YYYY": re.compile(rf"{_DAY}\.{_MONTH}\.{_YEAR}"),
    "YYYY/M/D": re.compile(f"{_YEAR}/{_MONTH}/{_DAY}"),
    "YYYYMMDD": re.compile("(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
}
CREDIT_REASONS = get_args(CreditReason)
PARTS = ("columns", "date_format", "defaults", "sheet", "delimiter", "encoding")
DELIMITERS = (",", ";", "\t", "|")
_LONGEST = 300
_LONGEST_SHEET = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """Which column holds which field, how dates are written, and what holds where a file says nothing.

    `sheet` is of workbooks alone, `delimiter` and `encoding` of CSV files; None is the first sheet, or what the file is found to be.
    """

    columns: dict[str, str] = field(default_factory=dict)
    date_format: str = "YYYY-MM-DD"
    defaults: dict[str, str] = field(default_factory=dict)
    sheet: str | None = None
    delimiter: str = ","
    encoding: str | None = None


def mapping_of(kind: ImportKind, given: Mapping[str, Any] | None) -> ImportMapping:
    """A checked mapping; raises InvalidInput at the first wrong place, e.g. `mapping/columns/due`."""
    given = given or {}
    for name in given:
        if name not in PARTS:
            raise InvalidInput.at(f"mapping/{name}", "unknown_field", f"A mapping has no {name!r}.")
    columns = _texts(kind, given, "columns")
    if len(set(columns.values())) != len(columns):
        raise InvalidInput.at("mapping/columns", "column_mapped_twice", "Two fields are read from one column.")
    defaults = _texts(kind, given, "defaults")
    _check_defaults(kind, defaults)
    date_format = given.get("date_format", "YYYY-MM-DD")
    if not isinstance(date_format, str) or date_format not in DATE_FORMATS:
        raise InvalidInput.at(
            "mapping/date_format", "unknown_date_format", f"date_format is one of {', '.join(DATE_FORMATS)}."
        )
    return ImportMapping(columns=columns, date_format=date_format, defaults=defaults, **_format_options(given))


def profile_mapping_of(kind: ImportKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """A checked mapping that is kept, as it was given; raises InvalidInput at the first wrong place of the body.

    Who may read a profile need not be allowed to see addresses, and nothing seals it: it holds none.
    """
    try:
        checked = mapping_of(kind, given)
        for name in ADDRESSES & checked.defaults.keys():
            raise InvalidInput.at(
                f"mapping/defaults/{name}",
                "default_not_allowed",
                "A profile holds no address; give it with the import.",
            )
    except InvalidInput as wrong:
        errors = tuple(FieldError(f"/{error.pointer}", error.code, error.detail) for error in wrong.errors)
        raise InvalidInput(wrong.code, wrong.detail, errors) from wrong
    return dict(given)


@lru_cache(maxsize=20_000)
def parse_date(text: str, date_format: str) -> date | None:
    """The day that `text` writes in this format, None if it writes none; files repeat their dates, so they are remembered."""
    match = DATE_FORMATS[date_format].fullmatch(text)
    if match is None:
        return None
    try:
        return date(*(int(match[part]) for part in ("year", "month", "day")))
    except ValueError:
        return None


def _texts(kind: ImportKind, given: Mapping[str, Any], part: str) -> dict[str, str]:
    texts = given.get(part, {})
    if not isinstance(texts, Mapping):
        raise InvalidInput.at(f"mapping/{part}", "malformed_mapping", f"{part} is an object of strings.")
    for name, text in texts.items():
        if name not in FIELDS[kind]:
            raise InvalidInput.at(f"mapping/{part}/{name}", "unknown_field", f"{kind} have no field {name!r}.")
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= _LONGEST or "\x00" in text:
            raise InvalidInput.at(
                f"mapping/{part}/{name}", "malformed_mapping", f"This is a string of 1 to {_LONGEST} characters."
            )
    return {name: text.strip() for name, text in texts.items()}


def _format_options(given: Mapping[str, Any]) -> dict[str, Any]:
    sheet, delimiter, encoding = given.get("sheet"), given.get("delimiter", ","), given.get("encoding")
    if sheet is not None and not (isinstance(sheet, str) and 1 <= len(sheet) <= _LONGEST_SHEET and "\x00" not in sheet):
        raise InvalidInput.at(
            "mapping/sheet", "malformed_mapping", f"This is a string of 1 to {_LONGEST_SHEET} characters."
        )
    if not isinstance(delimiter, str) or delimiter not in DELIMITERS:
        raise InvalidInput.at(
            "mapping/delimiter", "unknown_delimiter", "A delimiter is a comma, semicolon, tab or vertical bar."
        )
    if encoding is not None and not (isinstance(encoding, str) and candidates_for(encoding)):
        raise InvalidInput.at("mapping/encoding", "unknown_charset", "A file is in UTF-8 or GB18030.")
    return {"sheet": sheet, "delimiter": delimiter, "encoding": encoding}


def _check_defaults(kind: ImportKind, defaults: Mapping[str, str]) -> None:
    for name in IDENTITY.get(kind, BY_EXTERNAL_ID):
        if name in defaults:
            raise InvalidInput.at(f"mapping/defaults/{name}", "default_not_allowed", f"Every row has its own {name}.")
    for name, is_known, code in (
        ("currency", is_currency, "unknown_currency"),
        ("customer_locale", LOCALES.__contains__, "unknown_locale"),
        ("reason", CREDIT_REASONS.__contains__, "unknown_reason"),
        ("locale", LOCALES.__contains__, "unknown_locale"),
        ("customer_time_zone", is_time_zone, "unknown_time_zone"),
        ("time_zone", is_time_zone, "unknown_time_zone"),
        ("role", CONTACT_ROLES.__contains__, "unknown_role"),
        ("grade", GRADES.__contains__, "unknown_grade"),
    ):
        if name in defaults and not is_known(defaults[name]):
            raise InvalidInput.at(f"mapping/defaults/{name}", code, f"{defaults[name]!r} is not known.")
