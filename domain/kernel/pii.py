"""PURE: which fields hold the addresses of people, and what a reader without `pii:read` sees in their place.

A dataclass says so at the field (`email: str | None = field(metadata=EMAIL)`), and nobody else has to know. What a type holds is
worked out once for each type, so that results without addresses pass at the cost of one look-up. Free JSON (`dict[str, Any]`) is
not looked into: whoever writes such a text masks it when writing.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from domain.kernel.copying import changed as changed_copy

Mask = Callable[[str], str]
Pointers = dict[str, Any]
_Plan = tuple[tuple[str, Mask | None], ...]

_MARK = "pii"
_SHOWN_DIGITS = 4
# The local part of an address may hold almost anything; blanks, brackets and quotes end it wherever texts quote addresses.
_ADDRESS = re.compile(r"[^\s<>@\"'(),;:\[\]]+@[^\s<>@\"'(),;:\[\]]+")
_MASKED = re.compile(r".?\*\*\*(@.*|.{0,4})", re.DOTALL)


def mask_email(address: str) -> str:
    """`wang.fang@lanhai.example` becomes `w***@lanhai.example`: enough to tell two addresses apart, not to write to one."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else f"{address[:1]}***"


def mask_phone(number: str) -> str:
    """`+8613800006789` becomes `***6789`; a number of fewer than eight digits shows none of them."""
    digits = [character for character in number if character.isdigit()]
    return "***" + ("".join(digits[-_SHOWN_DIGITS:]) if len(digits) >= 2 * _SHOWN_DIGITS else "")


def mask_text(text: str, *, keep: str | None = None) -> str:
    """A text of somebody else's, such as a mail server's answer, with every e-mail address in it masked but `keep`."""
    if "@" not in text:
        return text
    return _ADDRESS.sub(lambda found: found[0] if found[0] == keep else mask_email(found[0]), text)


def looks_masked(address: str) -> bool:
    """Whether this is what a mask looks like, which nobody can be written to at."""
    return _MASKED.fullmatch(address) is not None


def mask_address(address: str) -> str:
    """An address of a channel of which nobody knows more: as an e-mail address, as a phone number, or else its first character."""
    if "@" not in address and any(character.isdigit() for character in address[:2]):
        return mask_phone(address)
    return mask_email(address)


def _mask_addresses(addresses: dict[str, str]) -> dict[str, str]:
    return {channel: mask_address(address) for channel, address in addresses.items()}


EMAIL: Mapping[str, Mask] = types.MappingProxyType({_MARK: mask_email})
PHONE: Mapping[str, Mask] = types.MappingProxyType({_MARK: mask_phone})
ADDRESS: Mapping[str, Mask] = types.MappingProxyType({_MARK: mask_address})
ADDRESSES: Mapping[str, Callable[[dict[str, str]], dict[str, str]]] = types.MappingProxyType({_MARK: _mask_addresses})
"""A field that holds addresses by channel."""


def masked(value: Any) -> Any:
    """The same value with every address in it masked; the value itself where it holds none."""
    return _walk(value, "", None)


def taken_out(value: Any) -> tuple[Any, Pointers]:
    """The masked value, and the addresses that stood in it by RFC 6901 JSON pointer."""
    pointers: Pointers = {}
    return _walk(value, "", pointers), pointers


def put_back(data: Any, pointers: Pointers) -> Any:
    """Decoded JSON with the addresses where their pointers say; changes `data` itself."""
    for pointer, real in pointers.items():
        *way, last = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
        holder = data
        for step in way:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        holder[int(last) if isinstance(holder, list) else last] = real
    return data


def _walk(value: Any, pointer: str, found: Pointers | None) -> Any:
    if isinstance(value, dict):
        return _walk_mapping(value, pointer, found)
    if isinstance(value, (list, tuple)):
        walked = [_walk(item, f"{pointer}/{n}", found) for n, item in enumerate(value)]
        return value if all(map(_same, value, walked)) else type(value)(walked)
    plan = _plan_of(value.__class__)
    return _walk_fields(value, plan, pointer, found) if plan else value


def _walk_fields(value: Any, plan: _Plan, pointer: str, found: Pointers | None) -> Any:
    changes: dict[str, Any] = {}
    for name, mask in plan:
        inner = getattr(value, name)
        if not inner:
            continue
        if mask is None:
            changed = _walk(inner, f"{pointer}/{name}", found)
        else:
            changed = mask(inner)
            if found is not None:
                found[f"{pointer}/{name}"] = inner
        if changed is not inner:
            changes[name] = changed
    return changed_copy(value, **changes) if changes else value


def _walk_mapping(value: dict[Any, Any], pointer: str, found: Pointers | None) -> dict[Any, Any]:
    changes: dict[Any, Any] = {}
    for key, inner in value.items():
        changed = _walk(inner, f"{pointer}/{_escaped(str(key))}", found)
        if changed is not inner:
            changes[key] = changed
    return {**value, **changes} if changes else value


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def _same(before: Any, after: Any) -> bool:
    return before is after


@cache
def _plan_of(kind: type) -> _Plan:
    """The fields to look at: those that are addresses, with their mask, and those that may hold some further down."""
    if not dataclasses.is_dataclass(kind):
        return ()
    hints = typing.get_type_hints(kind)
    plan: list[tuple[str, Mask | None]] = []
    for field in dataclasses.fields(kind):
        if mask := field.metadata.get(_MARK):
            plan.append((field.name, mask))
        elif _may_hold(hints[field.name], frozenset({kind})):
            plan.append((field.name, None))
    return tuple(plan)


def _may_hold(hint: Any, above: frozenset[Any]) -> bool:
    """Whether a value of this type may hold addresses; `above` are the types that are being looked into."""
    if isinstance(hint, typing.TypeVar):
        return True
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        if hint in above:
            return False
        inner = typing.get_type_hints(hint)
        return any(
            _MARK in field.metadata or _may_hold(inner[field.name], above | {hint})
            for field in dataclasses.fields(hint)
        )
    return any(_may_hold(argument, above) for argument in typing.get_args(hint))
