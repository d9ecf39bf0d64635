"""Reading the steps of a plan: what is right comes out as it went in, what is wrong is named by its place."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.dunning.rules.steps import MOST_STEPS, EmailAction, Step, parse_steps, templates_of
from domain.kernel.errors import InvalidInput


def a_raw_step(**overrides: Any) -> dict[str, Any]:
    return {
        "key": "first",
        "offset_days": 3,
        "time_of_day": "09:00",
        "action": {"type": "email", "template": "overdue_notice"},
        **overrides,
    }


def wrong_places(*raw: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse_steps(raw)
    return {error.pointer: error.code for error in refused.value.errors}


def test_a_step_comes_out_as_it_went_in() -> None:
    raw = [
        a_raw_step(),
        a_raw_step(key="call", action={"type": "task", "title": "Call", "assignee": None}),
        a_raw_step(key="legal", action={"type": "escalation", "level": "legal"}),
        a_raw_step(key="fee", action={"type": "charge", "charge_rule_id": "crl_1"}),
    ]
    steps = parse_steps(raw)
    assert steps[0] == Step(
        key="first", offset_days=3, time_of_day="09:00", action=EmailAction(template="overdue_notice")
    )
    assert msgspec.to_builtins(steps) == raw


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"key": ""}, "/steps/0/key", "malformed_key"),
        ({"key": "First"}, "/steps/0/key", "malformed_key"),
        ({"key": "x" * 51}, "/steps/0/key", "malformed_key"),
        ({"key": "first\n"}, "/steps/0/key", "malformed_key"),
        ({"key": None}, "/steps/0/key", "malformed_key"),
        ({"offset_days": -366}, "/steps/0/offset_days", "offset_out_of_range"),
        ({"offset_days": 3651}, "/steps/0/offset_days", "offset_out_of_range"),
        ({"offset_days": True}, "/steps/0/offset_days", "offset_out_of_range"),
        ({"offset_days": 3.0}, "/steps/0/offset_days", "offset_out_of_range"),
        ({"time_of_day": "9:00"}, "/steps/0/time_of_day", "malformed_time"),
        ({"time_of_day": "24:00"}, "/steps/0/time_of_day", "malformed_time"),
        ({"time_of_day": 900}, "/steps/0/time_of_day", "malformed_time"),
        ({"action": None}, "/steps/0/action", "required"),
        ({"action": "email"}, "/steps/0/action", "required"),
        ({"action": {}}, "/steps/0/action/type", "unknown_action"),
        ({"action": {"type": "fax"}}, "/steps/0/action/type", "unknown_action"),
        ({"action": {"type": "email"}}, "/steps/0/action/template", "required"),
        ({"action": {"type": "email", "template": "a", "to": "b"}}, "/steps/0/action/to", "unknown_field"),
        ({"action": {"type": "task", "title": ""}}, "/steps/0/action/title", "required"),
        ({"action": {"type": "task", "title": "x", "assignee": 1}}, "/steps/0/action/assignee", "malformed_assignee"),
        ({"action": {"type": "escalation", "level": "army"}}, "/steps/0/action/level", "unknown_level"),
        ({"action": {"type": "escalation", "level": ["legal"]}}, "/steps/0/action/level", "unknown_level"),
        ({"action": {"type": "charge"}}, "/steps/0/action/charge_rule_id", "required"),
        ({"action": {"type": "charge", "charge_rule_id": "x" * 41}}, "/steps/0/action/charge_rule_id", "required"),
        ({"action": {"type": "charge", "charge_rule_id": "a", "day": 1}}, "/steps/0/action/day", "unknown_field"),
        ({"a/b~c": 1}, "/steps/0/a~1b~0c", "unknown_field"),
    ],
)
def test_a_wrong_place_is_named(change: dict[str, Any], pointer: str, code: str) -> None:
    assert wrong_places(a_raw_step(**change)) == {pointer: code}


def test_all_wrong_places_are_named_at_once() -> None:
    assert wrong_places(a_raw_step(), a_raw_step(offset_days=9999)) == {
        "/steps/1/offset_days": "offset_out_of_range",
        "/steps/1/key": "repeated_key",
    }


def test_a_plan_has_a_bounded_number_of_steps() -> None:
    assert len(parse_steps([a_raw_step(key=str(n)) for n in range(MOST_STEPS)])) == MOST_STEPS
    assert wrong_places(*[a_raw_step(key=str(n)) for n in range(MOST_STEPS + 1)]) == {"/steps": "too_many_steps"}


def test_the_templates_of_steps_are_known_with_their_places() -> None:
    steps = parse_steps([a_raw_step(), a_raw_step(key="x", action={"type": "task", "title": "t"}), a_raw_step(key="y")])
    assert templates_of(steps) == {"overdue_notice": [0, 2]}
