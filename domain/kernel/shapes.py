"""PURE: JSON as a typed structure, and where it is wrong by JSON pointer, in the words of the API's errors."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from domain.kernel.allowed import allowed_values
from domain.kernel.errors import FieldError, InvalidInput

_PLACE = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_NAMED = re.compile(r"(?P<kind>unknown|missing required) field `(?P<name>[^`]*)`")
S = TypeVar("S", bound=msgspec.Struct)

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no JSON, no UTF-8, or nested too deeply to be read."""


def converted(kind: type[S], values: Any, at: str = "") -> S:
    """`values` as a struct of `kind`; raises InvalidInput with a pointer below `at`."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as wrong:
        error = field_error(str(wrong), kind, at)
        raise InvalidInput("invalid_input", error.detail, (error,)) from wrong


def field_error(message: str, kind: Any = None, at: str = "") -> FieldError:
    """Where msgspec found an input of `kind` wrong, e.g. "Expected `str`, got `int` - at `$.amount.currency`"."""
    found = _PLACE.match(message)
    text, path = (found["message"], found["path"] or "$") if found else (message, "$")
    parts = [part for part in re.split(r"[.\[\]]+", path.removeprefix("$")) if part and part != "..."]
    code = "invalid_value"
    if named := _NAMED.search(text):
        parts.append(named["name"])
        code = "unknown_field" if named["kind"] == "unknown" else "missing_field"
    elif text.startswith("Invalid enum value") and kind is not None:
        text = f"{text}; it is one of {', '.join(allowed_values(kind, parts))}"
    pointer = at + "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)
    return FieldError(pointer, code, f"{pointer or 'input'}: {text}")
