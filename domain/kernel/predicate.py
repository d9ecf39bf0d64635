"""Conditions that tenants write: a typed JSON predicate over named facts. Nothing of it is ever evaluated as code.

    {"all": [{"field": "days_overdue", "op": "gt", "value": 15}, {"field": "grade", "op": "in", "value": ["C", "D"]}]}

`all` and `any` take a list, `not` one predicate. A fact that is not known makes every comparison false, `ne` and `not_in` too;
only `is_null` asks for it. Money compares with money of its own currency and with no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money
from domain.kernel.predicate_values import KINDS, Kind, Value, wire

__all__ = ["All", "Any_", "Comparison", "Kind", "Not", "Op", "Predicate", "Value"]

MOST_DEPTH = 10
MOST_NODES = 100

Op = Literal["eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "contains", "is_null"]
_ORDERS: dict[str, tuple[int, ...]] = {
    "lt": (-1,),
    "lte": (-1, 0),
    "gt": (1,),
    "gte": (0, 1),
    "eq": (0,),
    "ne": (-1, 1),
}
Operand = Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact beside a value; for `in` and `not_in` beside several, for `is_null` beside true or false."""

    field: str
    op: Op
    value: Operand


@dataclass(frozen=True, slots=True)
class All:
    """True if every part is; without parts true."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - `Any` is typing's
    """True if some part is; without parts false."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True if its part is not."""

    part: Predicate


Predicate = Comparison | All | Any_ | Not


def parse_predicate(raw: Any, fields: Mapping[str, Kind], at: str) -> Predicate:
    """The predicate of its JSON form; raises InvalidInput with a pointer below `at` to every wrong place."""
    wrong = faults(raw, fields, at)
    if wrong:
        raise InvalidInput("invalid_input", wrong[0].detail, tuple(wrong))
    return predicate_from(raw, fields)


def faults(raw: Any, fields: Mapping[str, Kind], at: str) -> list[FieldError]:
    """What is wrong with the JSON form of a predicate, at most 20 places; looks no deeper than what is allowed."""
    if _nodes(raw) > MOST_NODES:
        return [FieldError(at, "predicate_too_large", f"A predicate has at most {MOST_NODES} parts.")]
    return [fault for _, fault in zip(range(20), _faults(raw, fields, at, 1), strict=False)]


def predicate_from(raw: Mapping[str, Any], fields: Mapping[str, Kind]) -> Predicate:
    """The predicate of a JSON form that has been checked before."""
    if "all" in raw:
        return All(tuple(predicate_from(part, fields) for part in raw["all"]))
    if "any" in raw:
        return Any_(tuple(predicate_from(part, fields) for part in raw["any"]))
    if "not" in raw:
        return Not(predicate_from(raw["not"], fields))
    name, op, value = raw["field"], raw["op"], raw["value"]
    if op == "is_null":
        return Comparison(name, op, value)
    read = KINDS[fields[name]].read
    return Comparison(name, op, tuple(map(read, value)) if op in ("in", "not_in") else read(value))


def holds(predicate: Predicate, facts: Mapping[str, Value | None]) -> bool:
    """Whether the predicate is true of these facts."""
    match predicate:
        case All(parts):
            return all(holds(part, facts) for part in parts)
        case Any_(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)
        case Comparison():
            return _compare(predicate, facts.get(predicate.field))


def as_json(predicate: Predicate) -> dict[str, Any]:
    """The JSON form, as `parse_predicate` reads it."""
    match predicate:
        case All(parts):
            return {"all": [as_json(part) for part in parts]}
        case Any_(parts):
            return {"any": [as_json(part) for part in parts]}
        case Not(part):
            return {"not": as_json(part)}
        case Comparison(name, op, value):
            shown = [wire(one) for one in value] if isinstance(value, tuple) else wire(value)
            return {"field": name, "op": op, "value": shown}


def fields_of(predicate: Predicate) -> frozenset[str]:
    """The facts that the predicate asks for."""
    match predicate:
        case All(parts) | Any_(parts):
            return frozenset().union(*map(fields_of, parts))
        case Not(part):
            return fields_of(part)
        case Comparison(name):
            return frozenset({name})


def _compare(comparison: Comparison, fact: Value | None) -> bool:
    op, value = comparison.op, comparison.value
    if op == "is_null":
        return (fact is None or fact == frozenset()) is value
    if fact is None:
        return False
    if op == "contains":
        return isinstance(fact, frozenset) and value in fact
    if isinstance(value, tuple):
        return any(_order(fact, one) == 0 for one in value) is (op == "in")
    order = _order(fact, value)
    return order is not None and order in _ORDERS[op]


def _order(fact: Value, value: Value) -> int | None:
    """-1, 0 or 1 as the fact is less than, equal to or more than the value; None where the two cannot be compared."""
    if isinstance(fact, Money) and isinstance(value, Money):
        if fact.currency != value.currency:
            return None
        return (fact.amount > value.amount) - (fact.amount < value.amount)
    left: Any = fact
    right: Any = value
    return int(left > right) - int(left < right)


def _faults(raw: Any, fields: Mapping[str, Kind], at: str, depth: int) -> Iterator[FieldError]:
    if depth > MOST_DEPTH:
        yield FieldError(at, "predicate_too_deep", f"A predicate is at most {MOST_DEPTH} levels deep.")
    elif not isinstance(raw, Mapping):
        yield FieldError(at, "predicate_malformed", "A predicate is an object.")
    elif (combined := next((name for name in ("all", "any", "not") if name in raw), None)) is not None:
        yield from _faults_of_combined(raw, combined, fields, at, depth)
    elif set(raw) != {"field", "op", "value"}:
        detail = 'A predicate is {"field", "op", "value"}, {"all": [...]}, {"any": [...]} or {"not": ...}.'
        yield FieldError(at, "predicate_malformed", detail)
    else:
        yield from _faults_of_comparison(raw, fields, at)


def _faults_of_combined(
    raw: Mapping[str, Any], name: str, fields: Mapping[str, Kind], at: str, depth: int
) -> Iterator[FieldError]:
    inner = raw[name]
    if len(raw) != 1:
        yield FieldError(at, "predicate_malformed", f"Nothing stands beside {name!r}.")
    elif name == "not":
        yield from _faults(inner, fields, f"{at}/not", depth + 1)
    elif not isinstance(inner, Sequence) or isinstance(inner, str):
        yield FieldError(f"{at}/{name}", "predicate_malformed", f"{name!r} takes a list of predicates.")
    else:
        for position, part in enumerate(inner):
            yield from _faults(part, fields, f"{at}/{name}/{position}", depth + 1)


def _faults_of_comparison(raw: Mapping[str, Any], fields: Mapping[str, Kind], at: str) -> Iterator[FieldError]:
    name, op, value = raw["field"], raw["op"], raw["value"]
    kind = fields.get(name) if isinstance(name, str) else None
    if kind is None:
        yield FieldError(f"{at}/field", "unknown_field", f"{str(name)[:100]!r} is not a field that can be asked for.")
        return
    known = KINDS[kind]
    if not isinstance(op, str) or op not in get_args(Op) or op not in known.ops:
        yield FieldError(f"{at}/op", "unknown_op", f"A {kind} is compared by one of {', '.join(known.ops)}.")
    elif op == "is_null":
        if not isinstance(value, bool):
            yield FieldError(f"{at}/value", "wrong_value", "is_null takes true or false.")
    elif op in ("in", "not_in"):
        if not isinstance(value, Sequence) or isinstance(value, str) or not 1 <= len(value) <= MOST_NODES:
            yield FieldError(f"{at}/value", "wrong_value", f"{op} takes a list of 1 to {MOST_NODES} values.")
        else:
            wrong = (n for n, one in enumerate(value) if not known.fits(one))
            yield from (FieldError(f"{at}/value/{n}", "wrong_value", f"Here belongs {known.told}.") for n in wrong)
    elif not known.fits(value):
        yield FieldError(f"{at}/value", "wrong_value", f"Here belongs {known.told}.")


def _nodes(raw: Any) -> int:
    """How many parts a raw predicate has, counted without recursion and not beyond what is allowed."""
    waiting, count = [raw], 0
    while waiting and count <= MOST_NODES:
        count += 1
        one = waiting.pop()
        if isinstance(one, Mapping):
            for name in ("all", "any", "not"):
                inner = one.get(name)
                waiting += [inner] if name == "not" and inner is not None else []
                waiting += list(inner)[: MOST_NODES + 1] if name != "not" and isinstance(inner, list | tuple) else []
    return count
