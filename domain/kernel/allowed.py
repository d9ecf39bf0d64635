"""What an input would have taken where it got a word that it does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import msgspec


def allowed_values(kind: Any, path: Sequence[str]) -> list[str]:
    """The words of the enumeration at `path` within `kind`, sorted; empty if there is none."""
    return sorted(str(value) for node in _reach(_info(kind), path) for value in _words(node))


@cache
def _info(kind: Any) -> msgspec.inspect.Type:
    return msgspec.inspect.type_info(kind)


def _reach(node: msgspec.inspect.Type, path: Sequence[str]) -> Iterator[msgspec.inspect.Type]:
    if isinstance(node, msgspec.inspect.UnionType):
        for member in node.types:
            yield from _reach(member, path)
    elif not path:
        yield node
    elif isinstance(node, msgspec.inspect.StructType | msgspec.inspect.DataclassType):
        for field in node.fields:
            if field.encode_name == path[0]:
                yield from _reach(field.type, path[1:])
    elif isinstance(node, msgspec.inspect.CollectionType):
        yield from _reach(node.item_type, path[1:])


def _words(node: msgspec.inspect.Type) -> list[Any]:
    if isinstance(node, msgspec.inspect.LiteralType):
        return list(node.values)
    return [member.value for member in node.cls] if isinstance(node, msgspec.inspect.EnumType) else []
