"""How the columns of a history are named: a JSON file beside it, one that is given, or a shipped one that fits its header.

`columns`, `date_format` and `defaults` are what POST /v1/imports takes. The other keys are the demo's own: which columns say
when and how an invoice was settled, what the tenant is like, and when the story begins and ends.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

MAPPINGS = Path(__file__).parent / "mappings"
HISTORY_FIELDS = ("settled_on", "part_paid_on", "part_paid_amount", "overpaid_amount", "opted_out")
CUSTOMER_FIELDS = ("customer_name", "customer_email", "customer_locale", "customer_time_zone")
REQUIRED = ("external_id", "customer_external_id", "amount", "issued_on", "due_on")
DATE_FORMATS = ("YYYY-MM-DD", "M/D/YYYY", "D/M/YYYY", "D.M.YYYY", "YYYY/M/D", "YYYYMMDD")


class MappingError(ValueError):
    """There is no usable mapping; the message says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantProfile:
    """The organisation whose history this is."""

    name: str = "History"
    base_currency: str = "USD"
    time_zone: str = "UTC"
    locale: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Where a history's facts stand."""

    columns: dict[str, str]
    date_format: str
    defaults: dict[str, str]
    history: dict[str, str]
    tenant: TenantProfile = field(default_factory=TenantProfile)
    start_on: date | None = None
    days: int | None = None

    def for_import(self) -> dict[str, Any]:
        """What POST /v1/imports needs for the receivables; the customers have an import of their own."""
        columns = {name: column for name, column in self.columns.items() if name not in CUSTOMER_FIELDS}
        return {"columns": columns, "date_format": self.date_format, "defaults": self.defaults}


def find_mapping(file: Path, given: Path | None) -> Mapping:
    """The mapping that was given, lies beside the file, or is shipped for files with its header line."""
    beside = (file.with_suffix(".mapping.json"), file.with_name(f"{file.name}.mapping.json"))
    for candidate in [given] if given else beside:
        if candidate.exists():
            return parse_mapping(_read(candidate), header_of(file))
    if given:
        raise MappingError(f"there is no mapping {given}")
    header = header_of(file)
    for shipped in sorted(MAPPINGS.glob("*.mapping.json")):
        raw = _read(shipped)
        if set(raw["recognised_by"]) <= set(header):
            return parse_mapping(raw, header)
    raise MappingError(
        f"which column is which? Write {beside[0].name} beside the file, like "
        '{"columns": {"external_id": "Invoice No", "customer_external_id": "Customer", "amount": "Amount", '
        '"issued_on": "Date", "due_on": "Due"}, "date_format": "YYYY-MM-DD", "defaults": {"currency": "USD"}, '
        '"settled_on": "Paid on"}'
    )


def parse_mapping(raw: dict[str, Any], header: Sequence[str]) -> Mapping:
    """Raises MappingError naming what is missing or not in the header."""
    columns = dict(raw.get("columns", {}))
    # Where a history says when it was settled may stand among the columns too.
    history = {name: raw.get(name) or columns.pop(name, None) for name in HISTORY_FIELDS}
    named = {name: column for name, column in history.items() if column}
    _check(columns, named, header)
    if raw.get("date_format", DATE_FORMATS[0]) not in DATE_FORMATS:
        raise MappingError(f"date_format is one of {', '.join(DATE_FORMATS)}")
    defaults = dict(raw.get("defaults", {}))
    profile = {"base_currency": defaults.get("currency", "USD"), **raw.get("tenant", {})}
    if strange := sorted(set(profile) - {name.name for name in fields(TenantProfile)}):
        raise MappingError(f"the mapping's tenant has no {', '.join(strange)}")
    return Mapping(
        columns=columns,
        date_format=raw.get("date_format", DATE_FORMATS[0]),
        defaults=defaults,
        history=named,
        tenant=TenantProfile(**profile),
        start_on=date.fromisoformat(raw["start_on"]) if "start_on" in raw else None,
        days=raw.get("days"),
    )


def header_of(file: Path) -> list[str]:
    """The names in the first line."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines), [])


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as wrong:
        raise MappingError(f"{file.name} is not JSON: {wrong}") from wrong
    if not isinstance(raw, dict):
        raise MappingError(f"{file.name} is not a JSON object")
    return raw


def _check(columns: dict[str, str], history: dict[str, str], header: Sequence[str]) -> None:
    if missing := [name for name in REQUIRED if name not in columns]:
        raise MappingError(f"the mapping's columns lack {', '.join(missing)}")
    if "settled_on" not in history:
        raise MappingError("the mapping does not say which column is settled_on")
    if unknown := sorted({*columns.values(), *history.values()} - set(header)):
        raise MappingError(f"the file has no column {', '.join(unknown)}")
