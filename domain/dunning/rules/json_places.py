"""PURE: small questions about JSON that a tenant wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from domain.kernel.errors import FieldError


def unknown_fields(at: str, given: Mapping[str, Any], known: Set[str]) -> Iterator[FieldError]:
    """A fault for each name that is not known here."""
    for name in given:
        if name not in known:
            pointer = str(name).replace("~", "~0").replace("/", "~1")
            yield FieldError(f"{at}/{pointer}", "unknown_field", f"There is no field {name!r} here.")


def is_text(value: Any, longest: int) -> bool:
    """Whether it is a text of 1 to `longest` characters."""
    return isinstance(value, str) and 1 <= len(value) <= longest


def is_whole(value: Any, least: int, most: int) -> bool:
    """Whether it is a whole number from `least` to `most`."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
