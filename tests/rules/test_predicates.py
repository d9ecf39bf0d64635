"""Conditions that tenants write: what they mean, and that what is wrong is named by its place, however it is nested."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.kernel.predicate import MOST_DEPTH, MOST_NODES, as_json, faults, fields_of, holds, parse_predicate
from domain.kernel.predicate_values import Kind, Value

FIELDS: dict[str, Kind] = {
    "grade": "text",
    "days_overdue": "number",
    "due_amount": "money",
    "promised_on": "date",
    "is_escalated": "bool",
    "tags": "texts",
}
FACTS: dict[str, Value | None] = {
    "grade": "C",
    "days_overdue": 16,
    "due_amount": Money(Decimal(1299), "CNY"),
    "promised_on": date(2026, 1, 10),
    "is_escalated": False,
    "tags": frozenset({"vip", "new"}),
}


def is_true(raw: Any, facts: dict[str, Value | None] = FACTS) -> bool:
    return holds(parse_predicate(raw, FIELDS, "/condition"), facts)


def ask(field: str, op: Any, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def codes(raw: Any) -> dict[str, str]:
    return {fault.pointer: fault.code for fault in faults(raw, FIELDS, "/condition")}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (ask("days_overdue", "gt", 15), True),
        (ask("days_overdue", "gt", 16), False),
        (ask("days_overdue", "gte", 16), True),
        (ask("days_overdue", "lte", 15), False),
        (ask("days_overdue", "ne", 16), False),
        (ask("days_overdue", "in", [1, 16]), True),
        (ask("grade", "eq", "C"), True),
        (ask("grade", "not_in", ["A", "B"]), True),
        (ask("due_amount", "gte", {"amount": "1299.00", "currency": "CNY"}), True),
        (ask("due_amount", "lt", {"amount": "5000.00", "currency": "EUR"}), False),
        (ask("due_amount", "gte", {"amount": "1.00", "currency": "EUR"}), False),
        (ask("due_amount", "ne", {"amount": "1.00", "currency": "EUR"}), False),
        (ask("promised_on", "lt", "2026-01-11"), True),
        (ask("is_escalated", "eq", False), True),
        (ask("tags", "contains", "vip"), True),
        (ask("tags", "contains", "old"), False),
        ({"all": [ask("grade", "eq", "C"), ask("days_overdue", "gt", 15)]}, True),
        ({"any": [ask("grade", "eq", "A"), ask("days_overdue", "gt", 15)]}, True),
        ({"not": ask("grade", "eq", "C")}, False),
        ({"all": []}, True),
        ({"any": []}, False),
    ],
)
def test_what_a_predicate_means(raw: Any, expected: bool) -> None:
    assert is_true(raw) is expected


@pytest.mark.parametrize("op", ["eq", "ne", "lt", "lte", "gt", "gte"])
def test_an_unknown_fact_makes_every_comparison_false(op: str) -> None:
    assert not is_true(ask("days_overdue", op, 0), {})
    assert is_true(ask("days_overdue", "is_null", True), {})
    assert is_true({"not": ask("days_overdue", op, 0)}, {})


def test_no_tags_at_all_is_null() -> None:
    assert is_true(ask("tags", "is_null", True), {"tags": frozenset()})
    assert is_true(ask("tags", "is_null", False))


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        (None, {"/condition": "predicate_malformed"}),
        ([], {"/condition": "predicate_malformed"}),
        ({}, {"/condition": "predicate_malformed"}),
        ({"field": "grade", "op": "eq"}, {"/condition": "predicate_malformed"}),
        ({"all": [], "any": []}, {"/condition": "predicate_malformed"}),
        ({"all": "grade"}, {"/condition/all": "predicate_malformed"}),
        ({"not": []}, {"/condition/not": "predicate_malformed"}),
        (ask("__class__", "eq", "x"), {"/condition/field": "unknown_field"}),
        (ask("grade", "matches", "x"), {"/condition/op": "unknown_op"}),
        (ask("grade", "gt", "x"), {"/condition/op": "unknown_op"}),
        (ask("grade", [], "x"), {"/condition/op": "unknown_op"}),
        ({"field": {}, "op": "eq", "value": 1}, {"/condition/field": "unknown_field"}),
        (ask("grade", "eq", 3), {"/condition/value": "wrong_value"}),
        (ask("days_overdue", "eq", True), {"/condition/value": "wrong_value"}),
        (ask("days_overdue", "eq", "15"), {"/condition/value": "wrong_value"}),
        (ask("days_overdue", "in", [1, "2"]), {"/condition/value/1": "wrong_value"}),
        (ask("days_overdue", "in", []), {"/condition/value": "wrong_value"}),
        (ask("due_amount", "gt", 100), {"/condition/value": "wrong_value"}),
        (ask("due_amount", "gt", {"amount": 1, "currency": "CNY"}), {"/condition/value": "wrong_value"}),
        (ask("due_amount", "gt", {"amount": "1.001", "currency": "CNY"}), {"/condition/value": "wrong_value"}),
        (ask("promised_on", "gt", "tomorrow"), {"/condition/value": "wrong_value"}),
        (ask("promised_on", "gt", "2026-W01-1"), {"/condition/value": "wrong_value"}),
        (ask("grade", "is_null", "yes"), {"/condition/value": "wrong_value"}),
        ({"any": [ask("grade", "eq", "A"), ask("colour", "eq", "red")]}, {"/condition/any/1/field": "unknown_field"}),
    ],
)
def test_what_is_wrong_is_named_by_its_place(raw: Any, wrong: dict[str, str]) -> None:
    assert codes(raw) == wrong
    with pytest.raises(InvalidInput):
        parse_predicate(raw, FIELDS, "/condition")


def nested(levels: int) -> dict[str, Any]:
    raw = ask("grade", "eq", "C")
    for _ in range(levels - 1):
        raw = {"not": raw}
    return raw


def test_as_deep_as_allowed_and_not_deeper() -> None:
    assert codes(nested(MOST_DEPTH)) == {}
    assert list(codes(nested(MOST_DEPTH + 1)).values()) == ["predicate_too_deep"]
    assert list(codes(nested(50)).values()) == ["predicate_too_deep"]
    assert list(codes(nested(100_000)).values()) == ["predicate_too_large"]


def test_as_wide_as_allowed_and_not_wider() -> None:
    assert codes({"any": [ask("grade", "eq", "C")] * (MOST_NODES - 1)}) == {}
    assert codes({"any": [ask("grade", "eq", "C")] * MOST_NODES}) == {"/condition": "predicate_too_large"}
    assert codes({"any": [{"all": [ask("grade", "eq", "C")] * 60}] * 60}) == {"/condition": "predicate_too_large"}


_COMPARISONS = st.one_of(
    st.builds(
        ask, st.just("grade"), st.sampled_from(["eq", "ne"]), st.text(max_size=5).filter(lambda t: "\x00" not in t)
    ),
    st.builds(ask, st.just("days_overdue"), st.sampled_from(["lt", "gte", "ne"]), st.integers(-100, 100)),
    st.builds(
        ask, st.just("days_overdue"), st.sampled_from(["in", "not_in"]), st.lists(st.integers(), min_size=1, max_size=3)
    ),
    st.builds(ask, st.just("tags"), st.just("contains"), st.sampled_from(["vip", "x"])),
    st.builds(
        ask, st.just("promised_on"), st.just("gt"), st.dates(date(1970, 1, 1), date(2200, 1, 1)).map(date.isoformat)
    ),
)
_PREDICATES = st.recursive(
    _COMPARISONS,
    lambda part: st.one_of(
        st.fixed_dictionaries({"all": st.lists(part, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(part, max_size=3)}),
        st.fixed_dictionaries({"not": part}),
    ),
    max_leaves=8,
)


@given(_PREDICATES)
def test_a_predicate_comes_out_as_it_went_in(raw: dict[str, Any]) -> None:
    if not faults(raw, FIELDS, ""):
        predicate = parse_predicate(raw, FIELDS, "")
        assert as_json(predicate) == raw
        assert fields_of(predicate) <= set(FIELDS)


@given(_PREDICATES)
def test_not_is_the_opposite(raw: dict[str, Any]) -> None:
    if not faults({"not": raw}, FIELDS, ""):
        assert is_true({"not": raw}) is not is_true(raw)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda part: (
        st.lists(part, max_size=3)
        | st.dictionaries(st.sampled_from(["all", "any", "not", "field", "op", "value", "x"]), part, max_size=4)
    ),
    max_leaves=15,
)


@given(_JSON)
def test_no_json_breaks_the_reading(raw: Any) -> None:
    if not faults(raw, FIELDS, "/condition"):
        is_true(raw)
