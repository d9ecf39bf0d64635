"""PURE: what a receivable is known by at the customer and in the house: its order, its contract, who sold it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.errors import FieldError, InvalidInput

LONGEST = 200
NAMES = ("order_reference", "contract_reference", "salesperson")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """An order, a contract and a salesperson, as the integrator writes them."""

    order_reference: str | None = None
    contract_reference: str | None = None
    salesperson: str | None = None


NO_REFERENCES = References()


def has_control_characters(text: str) -> bool:
    """Whether `text` has something that no line of print has: control characters, line separators, lone surrogates.

    >>> [has_control_characters(text) for text in ("合同-7", "PO\\t7")]
    [False, True]
    """
    return _CONTROL.search(text) is not None


def trimmed(told: Mapping[str, Any]) -> dict[str, str | None]:
    """The references among `told` without blanks around them; raises InvalidInput naming every wrong one.

    >>> trimmed({"order_reference": " PO-7 ", "salesperson": None, "number": "INV-1"})
    {'order_reference': 'PO-7', 'salesperson': None}
    """
    kept = {name: told[name].strip() if told[name] else told[name] for name in NAMES if name in told}
    errors = tuple(wrong for name, text in kept.items() if text is not None and (wrong := _wrong(name, text)))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)
    return kept


def _wrong(name: str, text: str) -> FieldError | None:
    if not 1 <= len(text) <= LONGEST:
        return FieldError(f"/{name}", "length_out_of_range", f"{name} has 1 to {LONGEST} characters.")
    if has_control_characters(text):
        return FieldError(f"/{name}", "control_character", f"{name} has no control characters.")
    return None
