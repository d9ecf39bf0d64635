"""The options of a plan: read with their defaults, refused with the place of every fault."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from domain.dunning.rules.options import OldDebt, PlanOptions, options_from, parse_options
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.kernel.predicate import Comparison

ALL: dict[str, Any] = {
    "anchor": "oldest_open",
    "combine": True,
    "minimum_amount": [{"amount": "100.00", "currency": "CNY"}, {"amount": "5", "currency": "JPY"}],
    "old_debt": {"enter_at": "last", "per_day": 500},
    "stop_when": {"field": "days_overdue", "op": "gt", "value": 120},
    "maximum_notices": 6,
    "learn_pay_day": True,
    "next_channel_when_unread_days": 3,
    "raise_when_no_reply_days": 10,
}


def wrong_places(raw: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse_options(raw)
    return {error.pointer: error.code for error in refused.value.errors}


def test_without_options_everything_is_as_it_was_before_there_were_any() -> None:
    assert parse_options({}) == PlanOptions()
    assert (PlanOptions().anchor, PlanOptions().old_debt.enter_at, PlanOptions().stops) == (
        "receivable",
        "by_age",
        None,
    )


def test_options_come_out_as_they_went_in() -> None:
    options = parse_options(ALL)
    assert options.minimum_amount == (Money(Decimal(100), "CNY"), Money(Decimal(5), "JPY"))
    assert options.old_debt == OldDebt(enter_at="last", per_day=500)
    assert options.stops == Comparison("days_overdue", "gt", 120)
    assert msgspec.json.decode(msgspec.json.encode(options)) == ALL
    assert options_from(msgspec.json.decode(msgspec.json.encode(options))) == options


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([], {"/options": "malformed_options"}),
        ({"a/b": 1}, {"/options/a~1b": "unknown_field"}),
        ({"anchor": "customer"}, {"/options/anchor": "unknown_anchor"}),
        ({"combine": "yes"}, {"/options/combine": "malformed_flag"}),
        ({"maximum_notices": 0}, {"/options/maximum_notices": "number_out_of_range"}),
        ({"next_channel_when_unread_days": True}, {"/options/next_channel_when_unread_days": "number_out_of_range"}),
        ({"minimum_amount": "100"}, {"/options/minimum_amount": "malformed_minimum_amount"}),
        ({"minimum_amount": ["100"]}, {"/options/minimum_amount/0": "malformed_minimum_amount"}),
        (
            {"minimum_amount": [{"amount": "1", "currency": "CNY"}, {"amount": "2", "currency": "CNY"}]},
            {"/options/minimum_amount/1": "malformed_minimum_amount"},
        ),
        (
            {"minimum_amount": [{"amount": "-1", "currency": "CNY"}]},
            {"/options/minimum_amount/0": "malformed_minimum_amount"},
        ),
        (
            {"minimum_amount": [{"amount": "1.001", "currency": "CNY"}]},
            {"/options/minimum_amount/0/amount": "too_many_digits"},
        ),
        ({"old_debt": 1}, {"/options/old_debt": "malformed_old_debt"}),
        ({"old_debt": {"enter_at": "middle"}}, {"/options/old_debt/enter_at": "unknown_entry"}),
        ({"old_debt": {"per_day": 0}}, {"/options/old_debt/per_day": "number_out_of_range"}),
        ({"stop_when": {"field": "x", "op": "eq", "value": 1}}, {"/options/stop_when/field": "unknown_field"}),
        (
            {"stop_when": {"field": "outcome", "op": "eq", "value": "done"}},
            {"/options/stop_when/field": "unknown_field"},
        ),
    ],
)
def test_a_wrong_place_of_options_is_named(raw: Any, expected: dict[str, str]) -> None:
    assert wrong_places(raw) == expected
