"""PURE: frozen dataclasses that are made by the thousand.

What `frozen=True` does at run time, one call of `object.__setattr__` for each field, takes most of the time in which such an object is
made. A record is frozen for the type checker, which reads all of this program and its tests; at run time it is a plain dataclass with
slots, equality and a hash. Source of the idea: attrs, "How Does It Work?", on frozen classes at type-checking time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["is_record", "record"]

_RECORDS: set[Any] = set()

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as record
else:
    T = TypeVar("T")

    def record(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
        """As `dataclass`, with the same arguments; nothing but the type checker keeps anybody from changing a field."""
        if not (frozen and slots):
            raise TypeError("a record is frozen and has slots")

        def make(kind: type[T]) -> type[T]:
            if hasattr(kind, "__post_init__"):
                raise TypeError("a record is what it was given, nothing is computed when it is made")
            made = dataclass(slots=True, kw_only=kw_only, unsafe_hash=True)(kind)
            _RECORDS.add(made)
            return made

        return make


def is_record(kind: type) -> bool:
    """Whether a class is a record."""
    return kind in _RECORDS
