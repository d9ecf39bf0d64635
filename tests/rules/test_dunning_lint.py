"""Linting plans: what is malformed is named by its place, and what leads nowhere or back is found."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from domain.dunning.rules.lint import constant, faults_of_channels, faults_of_ladder, idle_options
from domain.dunning.rules.options import parse_options
from domain.dunning.rules.step_faults import faults_of_steps
from domain.dunning.rules.steps import parse_steps
from domain.kernel.predicate import All, Any_, Comparison, Not
from tests.rules.ladders import ladder, step, task, when

ALWAYS: dict[str, Any] = {"all": []}
GRADE_C = when("grade", "eq", "C")


def places(errors: Any) -> dict[str, str]:
    return {error.pointer: error.code for error in errors}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"relative_to": "birthday"}, "relative_to", "unknown_base"),
        ({"relative_to": "previous_step", "offset_days": -1}, "offset_days", "offset_out_of_range"),
        ({"relative_to": "month_end", "offset_days": -28}, "offset_days", "offset_out_of_range"),
        ({"time_of_day": None, "window": None}, "time_of_day", "malformed_time"),
        ({"window": {"from": "09:00", "to": "17:00"}, "time_of_day": "09:00"}, "window", "window_and_time_of_day"),
        ({"window": {"from": "17:00", "to": "09:00"}, "time_of_day": None}, "window", "empty_window"),
        ({"window": {"from": "9", "to": "17:00"}, "time_of_day": None}, "window/from", "malformed_time"),
        ({"window": {"from": "09:00", "to": "17:00", "x": 1}, "time_of_day": None}, "window/x", "unknown_field"),
        ({"window": "all day", "time_of_day": None}, "window", "malformed_window"),
        ({"condition": when("colour", "eq", "red")}, "condition/field", "unknown_field"),
        ({"condition": when("outcome", "eq", "done")}, "condition/field", "unknown_field"),
        ({"condition": {"all": [when("grade", "like", "C")]}}, "condition/all/0/op", "unknown_op"),
        ({"requires_approval": 1}, "requires_approval", "malformed_flag"),
        ({"catch_up": "never"}, "catch_up", "unknown_catch_up"),
        ({"branches": {}}, "branches", "malformed_branches"),
        ({"branches": [1]}, "branches/0", "malformed_branch"),
        ({"branches": [{"when": ALWAYS}]}, "branches/0", "malformed_branch"),
        ({"branches": [{"when": ALWAYS, "go_to": "a", "stop": True}]}, "branches/0", "malformed_branch"),
        ({"branches": [{"when": ALWAYS, "go_to": "A"}]}, "branches/0/go_to", "malformed_key"),
        ({"branches": [{"when": 1, "stop": True}]}, "branches/0/when", "predicate_malformed"),
        ({"action": {"type": "notice", "template": "t", "channels": []}}, "action/channels", "malformed_channels"),
        (
            {"action": {"type": "notice", "template": "t", "channels": ["SMS"]}},
            "action/channels/0",
            "malformed_channel",
        ),
        (
            {"action": {"type": "notice", "template": "t", "channels": ["sms", "sms"]}},
            "action/channels/1",
            "repeated_value",
        ),
        (
            {"action": {"type": "notice", "template": "t", "channels": ["sms"], "recipients": ["boss"]}},
            "action/recipients/0",
            "unknown_role",
        ),
        (
            {"action": {"type": "notice", "template": "t", "channels": ["sms"], "tone": "rude"}},
            "action/tone",
            "unknown_tone",
        ),
        (
            {"action": {"type": "notice", "template": "t", "channels": ["letter"], "new_due_days": 0}},
            "action/new_due_days",
            "number_out_of_range",
        ),
        ({"action": {"type": "alert", "template": "t"}}, "action/channel", "malformed_channel"),
        ({"action": {"type": "task", "title": "t", "role": "Sales Manager"}}, "action/role", "malformed_role"),
        ({"action": {"type": "approval"}}, "action/title", "required"),
        ({"action": {"type": "webhook", "url": "x"}}, "action/url", "unknown_field"),
    ],
)
def test_a_wrong_place_is_named(change: dict[str, Any], pointer: str, code: str) -> None:
    assert places(faults_of_steps([{**step("a"), **change}])) == {f"/steps/0/{pointer}": code}


@pytest.mark.parametrize("raw", [None, "steps", {"a": 1}])
def test_what_is_no_list_of_steps_is_no_list_of_steps(raw: Any) -> None:
    assert places(faults_of_steps(raw)) == {"/steps": "malformed_steps"}
    assert places(faults_of_steps([raw])) == {"/steps/0": "malformed_step"} or isinstance(raw, dict)


def test_a_thousand_steps_and_conditions_fifty_levels_deep_are_refused_at_once() -> None:
    deep: Any = GRADE_C
    for _ in range(50):
        deep = {"not": deep}
    began = time.perf_counter()
    assert places(faults_of_steps([step(str(n)) for n in range(1000)])) == {"/steps": "too_many_steps"}
    (fault,) = faults_of_steps([step("a", condition=deep)])
    assert fault.code == "predicate_too_deep"
    assert len(faults_of_steps([{}] * 100)) == 100
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([], {"/steps": "plan_has_no_steps"}),
        ([step("a", branches=[{"when": GRADE_C, "go_to": "x"}])], {"/steps/0/branches/0/go_to": "unknown_step"}),
        ([step("a", branches=[{"when": GRADE_C, "go_to": "a"}])], {"/steps/0/branches/0/go_to": "cyclic_branch"}),
        (
            [step("a"), step("b", branches=[{"when": GRADE_C, "stop": True}, {"when": GRADE_C, "go_to": "a"}])],
            {"/steps/1/branches/1/go_to": "cyclic_branch"},
        ),
        ([step("a", branches=[{"when": ALWAYS, "stop": True}]), step("b", 1)], {"/steps/1": "unreachable_step"}),
        (
            [step("a", branches=[{"when": ALWAYS, "go_to": "c"}]), step("b", 1), step("c", 2)],
            {"/steps/1": "unreachable_step"},
        ),
        ([step("a", branches=[{"when": GRADE_C, "go_to": "c"}]), step("b", 1), step("c", 2)], {}),
        ([step("a", branches=[{"when": {"any": []}, "stop": True}]), step("b", 1)], {}),
        ([step("a", 9, branches=[{"when": ALWAYS, "stop": True}]), step("b", 1)], {}),
        ([step("a", relative_to="previous_step")], {"/steps/0/relative_to": "unreachable_step"}),
        ([step("a"), step("b", relative_to="previous_step")], {}),
    ],
)
def test_what_leads_nowhere_or_back_is_found(raw: list[dict[str, Any]], expected: dict[str, str]) -> None:
    assert places(faults_of_ladder(ladder(*raw))) == expected


def test_templates_and_channels_belong_together() -> None:
    notice = {"type": "notice", "template": "t", "channels": ["sms", "email", "pigeon", "line"]}
    steps = ladder(
        step("a", action=notice),
        step("b", action={"type": "alert", "channel": "feishu", "template": "t"}),
        step("c", action={"type": "alert", "channel": "sms", "template": "u"}),
        step("d", action={"type": "email", "template": "u"}),
        task("e"),
    )
    texts = {"t": frozenset({"email", "line"}), "u": frozenset({"sms"})}
    assert places(faults_of_channels(steps, texts)) == {
        "/steps/0/action/channels/0": "channel_without_template",
        "/steps/0/action/channels/2": "unknown_channel",
        "/steps/1/action/channel": "channel_without_template",
        "/steps/3/action/template": "unknown_template",
    }


def test_predicates_that_no_fact_can_change() -> None:
    open_ = Comparison("grade", "eq", "C")
    assert [constant(one) for one in (All(()), Any_(()), Not(Any_(())), open_)] == [True, False, True, None]
    assert [constant(All((open_, Any_(())))), constant(Any_((open_, All(()))))] == [False, True]
    assert [constant(All((open_, All(())))), constant(Not(open_))] == [None, None]


def test_every_form_of_a_step_comes_out_as_it_went_in() -> None:
    raw = [
        step("a", -3),
        step("b", 1, window={"from": "09:00", "to": "17:30"}, relative_to="issue_date", condition=GRADE_C),
        step("c", 2, requires_approval=True, catch_up="all", branches=[{"when": GRADE_C, "go_to": "d"}]),
        step("d", 3, action={"type": "task", "title": "Call", "assignee": None, "role": "sales_manager"}),
        step(
            "e",
            4,
            action={
                "type": "notice",
                "channels": ["wecom", "sms"],
                "template": "t",
                "recipients": ["billing", "escalation"],
                "tone": "firm",
                "letter": True,
                "new_due_days": 14,
            },
        ),
        step("f", 5, action={"type": "alert", "channel": "feishu", "template": "t"}),
        step("g", 6, action={"type": "approval", "title": "Sue?"}, branches=[{"when": GRADE_C, "stop": True}]),
        step("h", 7, action={"type": "webhook"}),
    ]
    read = parse_steps(raw)
    written = msgspec.json.decode(msgspec.json.encode(read))
    assert written == raw
    assert parse_steps(written) == read


def test_what_says_no_more_than_the_default_is_not_written_down() -> None:
    plain = step("a", 3)
    said = {
        **plain,
        "relative_to": "due_date",
        "condition": None,
        "requires_approval": False,
        "catch_up": "latest",
        "branches": [],
        "window": None,
    }
    assert parse_steps([said]) == parse_steps([plain])
    assert msgspec.to_builtins(parse_steps([said])) == [plain]
    # As JSON gives it: texts that are equal, not the same.
    assert msgspec.to_builtins(parse_steps(msgspec.json.decode(msgspec.json.encode([said])))) == [plain]


def test_options_that_change_nothing_in_such_a_ladder_are_told() -> None:
    learning = {"learn_pay_day": True, "next_channel_when_unread_days": 3, "raise_when_no_reply_days": 5}
    options = parse_options(learning)
    idle = idle_options(ladder(step("first", 1)), options)
    assert [(one.pointer, one.code) for one in idle] == [
        (f"/options/{name}", "option_without_effect") for name in learning
    ]
    both = {"type": "notice", "template": "overdue_notice", "channels": ["email", "sms"]}
    assert list(idle_options(ladder(step("friendly", -3, action=both), step("first", 1)), options)) == []
    assert list(idle_options(ladder(step("first", 1)), parse_options({}))) == []
