"""GraphQL types out of what the rest of the program already says: outputs from domain dataclasses, inputs from input structs.

One description serves both doors, so neither can know a field that the other lacks.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NewType, TypeVar

import msgspec
import strawberry
from strawberry.scalars import JSON

from api.inputs.fields import MoneyIn, S, validated
from domain.kernel.money import Money as DomainMoney

C = TypeVar("C", bound=type)
BigInt = NewType("BigInt", int)
# Counts that outgrow GraphQL's 32-bit Int.
_BIG = {"sequence", "since_sequence", "event_sequence", "last_sequence", "first_broken_sequence", "entry_count"}
SCALARS: dict[object, Any] = {
    BigInt: strawberry.scalar(
        name="BigInt", description="A whole number beyond 32 bits.", serialize=int, parse_value=int
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339 in UTC with Z.",
        serialize=lambda instant: instant.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        parse_value=datetime.fromisoformat,
    ),
}
_GRAPH_TYPES: dict[type, type] = {}
_SCALARS: dict[Any, Any] = {dict: JSON, Any: JSON}


@strawberry.interface(description="An object with an id that is unique across all types.")
class Node:
    """What `node(id:)` answers."""

    id: strawberry.ID


def graph_type(source: type) -> Callable[[C], C]:
    """Makes the decorated class the GraphQL type of a domain dataclass or struct: every public field, plus the class's own resolvers.

    Resolvers get the domain object itself as their parent.
    """

    def decorate(cls: C) -> C:
        hints = typing.get_type_hints(source)
        fields = {
            field.name: _big(hints[field.name]) if field.name in _BIG else _output(hints[field.name])
            for field in _fields(source)
        }
        if issubclass(source, msgspec.Struct) and source.__struct_config__.tag is not None:
            fields["type"] = str
        is_node = "id" in fields
        if is_node:
            fields["id"] = strawberry.ID
        bases = (Node,) if is_node else ()
        resolvers = {name: value for name, value in vars(cls).items() if not name.startswith("__")}
        namespace = {
            **resolvers,
            "__annotations__": fields,
            "__doc__": cls.__doc__,
            "__module__": cls.__module__,
            "is_type_of": classmethod(lambda _, value, __: isinstance(value, source)),
        }
        made = strawberry.type(type(cls.__name__, bases, namespace), description=(cls.__doc__ or "").split("\n")[0])
        _GRAPH_TYPES[source] = made
        return made  # type: ignore[return-value]

    return decorate


def _fields(source: Any) -> tuple[Any, ...]:
    """The fields of a dataclass, or of a struct, which steps and what they do are."""
    return msgspec.structs.fields(source) if issubclass(source, msgspec.Struct) else dataclasses.fields(source)


def input_type(struct: type[msgspec.Struct], name: str) -> Any:
    """A GraphQL input with the fields of an input struct; `from_input` turns it back and validates it."""
    hints = typing.get_type_hints(struct)
    annotations: dict[str, Any] = {}
    namespace: dict[str, Any] = {"__module__": __name__, "__doc__": struct.__doc__}
    for field in msgspec.structs.fields(struct):
        kind = _input(hints[field.name], f"{name.removesuffix('Input')}{field.name.title().replace('_', '')}Input")
        if field.required:
            annotations[field.name] = kind
        else:
            annotations[field.name] = kind | None
            namespace[field.name] = strawberry.UNSET
    namespace["__annotations__"] = annotations
    return strawberry.input(type(name, (), namespace), name=name, description=(struct.__doc__ or "").split("\n")[0])


def shared_input(struct: type[msgspec.Struct], name: str) -> Any:
    """An input that several others hold, which would else be called after the first of them."""
    _INPUTS[struct] = input_type(struct, name)
    return _INPUTS[struct]


def from_input(struct: type[S], value: Any) -> S:
    """The validated struct from a GraphQL input; raises InvalidInput with a pointer."""
    return validated(struct, _plain(value))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: _plain(inner) for name, inner in pairs if inner is not strawberry.UNSET}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def _output(hint: Any) -> Any:
    if hint in _GRAPH_TYPES:
        return _GRAPH_TYPES[hint]
    return _mapped(hint, _output)


def _big(hint: Any) -> Any:
    return BigInt | None if types.NoneType in typing.get_args(hint) else BigInt


def _input(hint: Any, name: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _INPUTS.get(hint) or _INPUTS.setdefault(hint, input_type(hint, name))
    return _mapped(hint, lambda inner: _input(inner, name))


_INPUTS: dict[type, Any] = {}


def _mapped(hint: Any, inner: Callable[[Any], Any]) -> Any:
    """The GraphQL counterpart of a Python type; string enumerations stay strings, as they are in JSON."""
    if isinstance(hint, type) and not typing.get_args(hint):
        return _SCALARS.get(hint, hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return inner(arguments[0])
    if origin is typing.Literal:
        return str
    if origin is list or origin is tuple:
        return list[inner(arguments[0])]
    if origin is dict:
        return JSON
    if origin in (types.UnionType, typing.Union):
        kinds = [kind for kind in arguments if kind not in (types.NoneType, msgspec.UnsetType)]
        # A choice between several shapes has no GraphQL input counterpart; it travels as JSON and is validated all the same.
        mapped = inner(kinds[0]) if len(kinds) == 1 else JSON
        return mapped | None if types.NoneType in arguments else mapped
    return _SCALARS.get(hint, hint)


@graph_type(DomainMoney)
class Money:
    """An exact amount with its ISO 4217 currency."""


_INPUTS[MoneyIn] = input_type(MoneyIn, "MoneyInput")
