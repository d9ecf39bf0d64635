"""What a step of a plan can say: what it counts from, when, on which condition, through which channel, and where it leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from domain.dunning.rules.bases import end_of_month
from domain.dunning.rules.decide import decide, pending_steps
from domain.dunning.rules.projection import project
from tests.rules.ladders import DUE, cny, day, facts, ladder, lived, step, task, told, when

LATE = when("days_overdue", "gt", 15)
ALWAYS: dict[str, Any] = {"all": []}


def at_of(raw: dict[str, Any], **known: Any) -> datetime | None:
    pending = pending_steps(ladder(raw), facts(**known))
    return pending[0][0] if pending else None


@pytest.mark.parametrize(
    ("raw", "known", "expected"),
    [
        (step("x", -3), {}, day(-3)),
        (step("x", 10, relative_to="issue_date"), {}, day(-20)),
        (step("x", 0, relative_to="month_end"), {}, day(21)),
        (step("x", -5, relative_to="month_end"), {}, day(16)),
        (step("x", -1, relative_to="discount_date"), {"discount_until": date(2026, 2, 18)}, day(-21)),
        (step("x", 2, relative_to="promise"), {"promised_on": date(2026, 3, 20)}, day(12)),
        (step("x", 1, relative_to="new_due_date"), {"new_due_on": date(2026, 4, 1)}, day(23)),
        (step("x", 1, relative_to="issue_date"), {"issued_on": None}, None),
        (step("x", 1, relative_to="discount_date"), {}, None),
        (step("x", 1, relative_to="promise"), {}, None),
        (step("x", 1, relative_to="new_due_date"), {}, None),
        (step("x", 3), {"grace_days": 5}, day(8)),
        (step("x", 0, relative_to="month_end"), {"grace_days": 5}, day(26)),
        (step("x", 10, relative_to="issue_date"), {"grace_days": 5}, day(-20)),
        (step("x", 2, relative_to="promise"), {"promised_on": date(2026, 3, 20), "grace_days": 5}, day(12)),
    ],
)
def test_a_step_counts_from_the_day_that_it_names(raw: Any, known: Any, expected: datetime | None) -> None:
    assert at_of(raw, **known) == expected


def test_the_end_of_a_month_knows_leap_years_and_december() -> None:
    assert [end_of_month(date(2028, 2, 29)), end_of_month(date(2026, 12, 1))] == [date(2028, 2, 29), date(2026, 12, 31)]


def test_a_step_without_a_day_waits_and_the_outlook_says_so() -> None:
    steps = ladder(
        step("first", 3), step("again", 1, relative_to="promise"), step("later", 7, relative_to="previous_step")
    )
    became, known, decision = lived(steps, facts(), [day(3)])
    assert (became, decision.next_action_at) == ({"first": "done"}, None)
    assert [(one.key, why) for one, why in project(steps, known, day(3)).waiting] == [
        ("again", "no_promise"),
        ("later", "previous_step_undecided"),
    ]
    known = replace(known, promised_on=date(2026, 3, 20))
    assert decide(steps, known, day(3)).next_action_at == day(11)
    assert [one.decided.step.key for one in project(steps, known, day(3)).expected] == ["again", "later"]


def test_what_counts_from_the_step_before_follows_the_day_on_which_that_was_really_decided() -> None:
    steps = ladder(step("first", 3), step("second", 7, relative_to="previous_step"))
    _, known, decision = lived(steps, facts(), [day(20, 14)])
    assert decision.next_action_at == day(27)
    assert told(decide(steps, known, day(27))) == {"second": "done"}


def test_what_was_branched_over_is_no_step_before() -> None:
    steps = ladder(
        step("first", 3, branches=[{"when": ALWAYS, "go_to": "third"}]),
        step("second", 10),
        step("third", 5, relative_to="previous_step"),
    )
    _, known, decision = lived(steps, facts(), [day(3)])
    assert told(decision) == {"first": "done", "second": "skipped branched_over"}
    assert decide(steps, known, day(3)).next_action_at == day(8)


@pytest.mark.parametrize(
    ("raw", "known", "now", "reason"),
    [
        (step("x", -3), {}, day(1), "due_date_passed"),
        (step("x", -3), {}, day(0, 23), None),
        (step("x", 5, relative_to="issue_date"), {}, day(1), "due_date_passed"),
        (step("x", 40, relative_to="issue_date"), {}, day(50), None),
        (step("x", -1, relative_to="promise"), {"promised_on": date(2026, 3, 20)}, day(11), "date_passed"),
        (step("x", -1, relative_to="promise"), {"promised_on": date(2026, 3, 20)}, day(10, 23), None),
        (step("x", -1, relative_to="month_end"), {}, day(22), "date_passed"),
    ],
)
def test_what_comes_before_a_day_is_left_out_once_that_day_is_over(
    raw: Any, known: Any, now: datetime, reason: str | None
) -> None:
    assert told(decide(ladder(raw), facts(**known), now)) == {"x": f"skipped {reason}" if reason else "done"}


WINDOW = {"from": "09:00", "to": "17:30"}


@pytest.mark.parametrize(
    ("now", "outcome", "next_at"),
    [
        (day(3, 8, 59), {}, day(3)),
        (day(3), {"x": "done"}, None),
        (day(3, 17, 30), {"x": "done"}, None),
        (day(3, 17, 31), {}, day(4)),
        (day(9, 3), {}, day(9)),
        (day(9, 23), {}, day(10)),
    ],
)
def test_a_step_with_a_window_is_carried_out_inside_it_only(
    now: datetime, outcome: dict[str, str], next_at: datetime | None
) -> None:
    decision = decide(ladder(step("x", 3, window=WINDOW)), facts(), now)
    assert (told(decision), decision.next_action_at) == (outcome, next_at)
    assert decision.deferred_reasons == (("outside_window",) if now > day(3) and not outcome else ())


def test_a_window_that_the_clocks_skip_opens_the_day_after() -> None:
    steps = ladder(step("x", 0, window={"from": "02:10", "to": "02:50"}))
    known = facts(due_on=date(2026, 3, 29), time_zone="Europe/Berlin")
    first = decide(steps, known, datetime.fromisoformat("2026-03-29T01:10:00+00:00"))
    assert (told(first), first.next_action_at) == ({}, datetime.fromisoformat("2026-03-30T00:10:00+00:00"))


def test_after_an_outage_a_notice_that_waits_for_its_window_gives_way_to_the_later_one_that_goes_out() -> None:
    steps = ladder(step("first", 3, window=WINDOW), step("second", 10))
    assert told(decide(steps, facts(), day(12, 20))) == {"first": "skipped superseded", "second": "done"}


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        ("latest", {"a": "skipped superseded", "b": "skipped superseded", "c": "done"}),
        ("all", {"a": "done", "b": "done", "c": "done"}),
        ("skip", {"a": "skipped missed", "b": "skipped missed", "c": "done"}),
    ],
)
def test_each_step_says_what_becomes_of_it_after_an_outage(catch_up: str, expected: dict[str, str]) -> None:
    steps = ladder(step("a", 1, catch_up=catch_up), step("b", 3, catch_up=catch_up), step("c", 5))
    assert told(decide(steps, facts(), day(6))) == expected


def test_a_missed_task_is_left_out_only_if_it_says_so() -> None:
    steps = ladder(task("call", 1), task("remind", 1, catch_up="skip"))
    assert told(decide(steps, facts(), day(1, 23))) == {"call": "done", "remind": "done"}
    assert told(decide(steps, facts(), day(2))) == {"call": "done", "remind": "skipped missed"}


def test_a_notice_whose_condition_does_not_hold_takes_nobodys_place() -> None:
    steps = ladder(step("first", 1), step("second", 3, condition=when("grade", "eq", "C")))
    assert told(decide(steps, facts(grade="A"), day(5))) == {"first": "done", "second": "skipped condition_not_met"}
    assert told(decide(steps, facts(grade="C"), day(5))) == {"first": "skipped superseded", "second": "done"}


@pytest.mark.parametrize("grade", ["A", "C"])
@pytest.mark.parametrize("days", [0, 1, 15, 16])
def test_l16_overdue_for_more_than_15_days_and_grade_c_a_second_mail_and_a_task(days: int, grade: str) -> None:
    both = {"all": [LATE, when("grade", "eq", "C")]}
    steps = ladder(step("second", days, condition=both), task("call", days, condition=both))
    is_met = days > 15 and grade == "C"
    expected = "done" if is_met else "skipped condition_not_met"
    assert told(decide(steps, facts(grade=grade), day(days))) == {"second": expected, "call": expected}


RUNGS = {"gentle": (0, 1), "first_line": (1, 16), "manager": (16, 46), "stern": (46, 61), "cfo": (61, 121)}


@pytest.mark.parametrize("days", [0, 1, 15, 16, 45, 46, 60, 61, 120, 121])
def test_the_edges_of_half_open_ranges_belong_to_exactly_one_rung(days: int) -> None:
    ranges = [*RUNGS.items(), ("legal", (121, 3650))]
    steps = ladder(
        *(
            task(key, days, condition={"all": [when("days_overdue", "gte", low), when("days_overdue", "lt", high)]})
            for key, (low, high) in ranges
        )
    )
    done = [key for key, became in told(decide(steps, facts(), day(days))).items() if became == "done"]
    assert done == [next(key for key, (low, high) in ranges if low <= days < high)]


@pytest.mark.parametrize(
    ("condition", "known", "expected"),
    [
        (when("open_amount", "gte", {"amount": "100.00", "currency": "CNY"}), {}, True),
        (when("open_amount", "gte", {"amount": "1.00", "currency": "USD"}), {}, False),
        (when("due_amount", "lt", {"amount": "80.00", "currency": "CNY"}), {"disputed_amount": cny(30)}, True),
        (when("overdue_amount", "gt", {"amount": "0.00", "currency": "CNY"}), {}, True),
        (when("tags", "contains", "key-account"), {"tags": frozenset({"key-account"})}, True),
        (when("currency", "eq", "CNY"), {}, True),
        (when("reachable_channels", "contains", "sms"), {}, True),
        (when("reachable_channels", "contains", "push"), {}, False),
        (when("customer_locale", "eq", "zh-CN"), {"locale": "zh-CN"}, True),
        (when("delay_reason", "is_null", True), {}, True),
        (when("last_notice_state", "is_null", True), {}, True),
        (when("notices_sent", "eq", 0), {}, True),
        (when("is_escalated", "eq", False), {}, True),
        (when("grade", "ne", "A"), {}, False),
    ],
)
def test_conditions_are_told_the_facts(condition: Any, known: dict[str, Any], expected: bool) -> None:
    became = told(decide(ladder(task("x", 5, condition=condition)), facts(**known), day(5)))
    assert became == {"x": "done" if expected else "skipped condition_not_met"}


def test_dates_of_the_fixture() -> None:
    assert day(0).isoformat() == f"{DUE}T01:00:00+00:00"
