"""Copies of dataclasses that are made by the thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from domain.kernel.records import is_record

T = TypeVar("T")


def changed(value: T, **changes: Any) -> T:
    """As `dataclasses.replace` of a dataclass with two fields or more, in half the time, of a record in a fifth."""
    kind = value.__class__
    if not is_record(kind):
        names, read = _reading(kind)  # type: ignore[arg-type] # a class is hashable
        return kind(**{**dict(zip(names, read(value), strict=True)), **changes})
    made: T = _copier(kind)(object.__new__(kind), value)  # type: ignore[arg-type] # as above
    for name, inner in changes.items():
        setattr(made, name, inner)
    return made


def record_of(kind: type[T], values: Iterable[Any]) -> T:
    """A record from the values of all its fields, in their order; raises ValueError if there are more or fewer."""
    made: T = _filler(kind)(object.__new__(kind), values)  # type: ignore[arg-type] # a class is hashable
    return made


@cache
def _reading(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)


@cache
def _copier(kind: Any) -> Callable[[Any, Any], Any]:
    return _written_out("".join(f"  made.{field.name} = given.{field.name}\n" for field in fields(kind)))


@cache
def _filler(kind: Any) -> Callable[[Any, Any], Any]:
    return _written_out(f"  ({', '.join(f'made.{field.name}' for field in fields(kind))},) = given\n")


def _written_out(assignments: str) -> Callable[[Any, Any], Any]:
    """Field by field, as `dataclass` writes `__init__`: nothing of a record is computed when it is made."""
    written: dict[str, Any] = {}
    exec(f"def fill(made, given):\n{assignments}  return made", written)  # noqa: S102 # of nothing but names of fields
    fill: Callable[[Any, Any], Any] = written["fill"]
    return fill
