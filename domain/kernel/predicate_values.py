"""The kinds of values that predicates compare: how each is written in JSON, read, and by what it may be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from domain.kernel.calendar import is_in_calendar
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money

Kind = Literal["text", "number", "money", "date", "bool", "texts"]
Value = str | int | Decimal | Money | date | bool | frozenset[str]

_EQUAL = ("eq", "ne")
_ORDERED = ("eq", "ne", "lt", "lte", "gt", "gte")
_AMONG = ("in", "not_in")
# The library also reads weeks (2026-W01-1), and more.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LONGEST_TEXT = 200
_LARGEST_NUMBER = 10**12


@dataclass(frozen=True, slots=True)
class ValueKind:
    """What may be compared how: `fits` judges a JSON value, `read` turns one that fits into a fact's type."""

    ops: tuple[str, ...]
    fits: Callable[[Any], bool]
    read: Callable[[Any], Value]
    told: str


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and "\x00" not in value


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(_DAY.fullmatch(value)) and is_in_calendar(date.fromisoformat(value))
    except ValueError:
        return False


def _is_money(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        return False
    try:
        Money.parse(value["amount"], value["currency"])
    except (InvalidInput, TypeError):
        return False
    return True


KINDS: dict[Kind, ValueKind] = {
    "text": ValueKind((*_EQUAL, *_AMONG, "is_null"), _is_text, str, f"a text of at most {_LONGEST_TEXT} characters"),
    "number": ValueKind((*_ORDERED, *_AMONG, "is_null"), _is_number, int, "a whole number"),
    "date": ValueKind((*_ORDERED, *_AMONG, "is_null"), _is_day, date.fromisoformat, "a date such as 2026-11-22"),
    "money": ValueKind(
        (*_ORDERED, "is_null"),
        _is_money,
        lambda value: Money.parse(value["amount"], value["currency"]),
        'money such as {"amount": "100.00", "currency": "CNY"}',
    ),
    "bool": ValueKind((*_EQUAL, "is_null"), lambda value: isinstance(value, bool), bool, "true or false"),
    "texts": ValueKind(("contains", "is_null"), _is_text, str, f"a text of at most {_LONGEST_TEXT} characters"),
}


def wire(value: Value) -> Any:
    """A value as it is written in JSON."""
    if isinstance(value, Money):
        return {"amount": f"{value.amount:f}", "currency": value.currency}
    return value.isoformat() if isinstance(value, date) else value
