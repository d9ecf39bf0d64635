"""What a step of a plan can say: what it counts from, when, on which condition, through which channel, and where it leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from domain.dunning.rules.bases import end_of_month
from domain.dunning.rules.contact import reachable_channels, recipient_for
from domain.dunning.rules.decide import Decision, decide, pending_steps
from domain.dunning.rules.facts import LastOccurrence
from domain.dunning.rules.options import parse_options
from domain.dunning.rules.projection import project
from tests.rules.ladders import DUE, WANG, cny, day, facts, ladder, lived, said, step, task, told, when

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


def test_a_branch_on_what_became_of_the_last_notice() -> None:
    unread = {"when": when("last_notice_state", "eq", "sent"), "go_to": "call"}
    steps = ladder(step("first", 1), task("look", 4, branches=[unread]), step("second", 6), task("call", 8))
    past = LastOccurrence(
        number=1, outcome="done", reminded_at=day(1), decided_at=day(1), notice_state="sent", notice_channel="email"
    )
    led = decide(steps, facts(occurrences={"first": past}), day(4))
    assert told(led) == {"look": "done", "second": "skipped branched_over"}
    assert (led.steps[0].branch, led.next_action_at) == (0, day(8))
    read = facts(occurrences={"first": replace(past, notice_state="read")})
    assert told(decide(steps, read, day(4))) == {"look": "done"}
    assert decide(steps, read, day(4)).next_action_at == day(6)


def test_the_first_branch_that_holds_is_taken_and_stays_taken() -> None:
    raw = step(
        "first", 1, branches=[{"when": when("grade", "eq", "A"), "stop": True}, {"when": ALWAYS, "go_to": "third"}]
    )
    steps = ladder(raw, step("second", 3), step("third", 5))
    _, known, decision = lived(steps, facts(grade="B"), [day(1)])
    assert decision.steps[0].branch == 1
    withdrawn = {**known.occurrences, "first": replace(known.occurrences["first"], withdrawn=True)}
    again = decide(steps, replace(known, occurrences=withdrawn, grade="A"), day(2))
    assert (told(again), again.steps[0].number, again.steps[0].branch) == ({"first": "done"}, 2, 1)


def test_a_branch_that_stops_closes_the_case_and_leaves_the_rest_out() -> None:
    stop = {"when": when("outcome", "eq", "held"), "stop": True}
    steps = ladder(step("first", 1, branches=[stop]), step("second", 3), step("later", 1, relative_to="promise"))
    nobody = facts(contacts=())
    _, known, decision = lived(steps, nobody, [day(1)])
    assert told(decision) == {
        "first": "held no_contact_address",
        "second": "skipped stopped",
        "later": "skipped stopped",
    }
    assert (decision.state, decision.close_reason, decision.next_action_at) == ("closed", "stopped", None)
    assert decide(steps, known, day(9)) == Decision(state="closed", close_reason="stopped")
    assert decide(steps, facts(), day(1)).state == "active"


def test_a_stop_at_the_last_step_is_known_from_its_branch() -> None:
    steps = ladder(step("only", 1, branches=[{"when": ALWAYS, "stop": True}]))
    _, known, decision = lived(steps, facts(), [day(1)])
    assert (told(decision), decision.close_reason) == ({"only": "done"}, "stopped")
    assert decide(steps, known, day(5)) == Decision(state="closed", close_reason="stopped")


def test_stop_when_ends_the_ladder_whatever_is_to_come() -> None:
    options = parse_options({"stop_when": when("days_overdue", "gte", 5)})
    steps = ladder(step("first", 1), step("second", 5), step("third", 9))
    became, _, decision = lived(steps, facts(), [day(1), day(5)], options)
    assert became == {"first": "done", "second": "skipped stopped", "third": "skipped stopped"}
    assert (decision.state, decision.close_reason) == ("closed", "stopped")


def test_stop_when_is_asked_again_once_something_was_done() -> None:
    options = parse_options({"stop_when": when("notices_sent", "gte", 1)})
    decision = decide(ladder(step("first", 1), step("second", 5)), facts(), day(1), options)
    assert (told(decision), decision.state) == ({"first": "done", "second": "skipped stopped"}, "closed")


def test_no_more_notices_than_the_plan_allows() -> None:
    steps = ladder(step("a", 1), step("b", 3), step("c", 5), task("call", 6))
    became, _, _ = lived(steps, facts(), [day(1), day(3), day(5), day(6)], parse_options({"maximum_notices": 2}))
    assert became == {"a": "done", "b": "done", "c": "held maximum_notices", "call": "done"}


NOTICE = {
    "type": "notice",
    "channels": ["wecom", "sms", "email"],
    "template": "t",
    "recipients": ["escalation", "billing"],
}


def test_a_notice_takes_the_first_channel_that_reaches_somebody() -> None:
    boss = replace(WANG, id="con_2", role="escalation", sealed_email=b"b", sealed_phone=None)
    steps = ladder(step("x", 1, action=NOTICE))

    def way(*contacts: Any) -> tuple[str | None, str | None]:
        (decided,) = decide(steps, facts(contacts=contacts), day(1)).steps
        return decided.channel, decided.contact.id if decided.contact else None

    assert way(WANG) == ("sms", "con_1")
    assert way(WANG, boss) == ("sms", "con_1")
    assert way(WANG, replace(boss, sealed_addresses={"wecom": b"w"})) == ("wecom", "con_2")
    assert way(replace(WANG, opted_out_channels=frozenset({"sms"})), boss) == ("email", "con_2")
    assert way(replace(WANG, role="other")) == (None, None)
    off = replace(WANG, opted_out=True, opted_out_channels=frozenset({"sms"}))
    assert told(decide(steps, facts(contacts=(off,)), day(1))) == {"x": "held opted_out"}
    nobody = replace(WANG, sealed_email=None, sealed_phone=None)
    assert told(decide(steps, facts(contacts=(nobody,)), day(1))) == {"x": "held no_contact_address"}


def test_channels_that_are_reachable() -> None:
    assert reachable_channels([WANG]) == {"email", "sms", "voice", "whatsapp"}
    assert reachable_channels([replace(WANG, sealed_phone=None, sealed_addresses={"push": b"x"})]) == {"email", "push"}
    assert recipient_for([WANG], ()) is None


def test_an_alert_needs_an_account_and_is_never_counted() -> None:
    alert = step("x", 1, action={"type": "alert", "channel": "feishu", "template": "t"})
    assert told(decide(ladder(alert), facts(), day(1))) == {"x": "held no_channel_account"}
    ready = decide(ladder(alert, step("y", 1)), facts(staff_channels=frozenset({"feishu"}), contacts=()), day(1))
    assert told(ready) == {"x": "done", "y": "held no_contact_address"}


def test_a_gate_holds_the_case_until_somebody_approves() -> None:
    steps = ladder(step("first", 1), step("final", 3, requires_approval=True), task("call", 5))
    became, known, asked = lived(steps, facts(), [day(1), day(3)])
    assert (became, asked.next_action_at, asked.deferred_reasons) == ({"first": "done"}, None, ("awaiting_approval",))
    assert [(one.step.key, one.number) for one in asked.asks] == [("final", 1)]
    known = said(known, "final", "open")
    waiting = decide(steps, known, day(8))
    assert (told(waiting), waiting.asks, waiting.next_action_at) == ({}, (), None)
    assert told(decide(steps, said(known, "final", "approved"), day(9))) == {"final": "done", "call": "done"}
    assert told(decide(steps, said(known, "final", "rejected"), day(9))) == {
        "final": "skipped approval_rejected",
        "call": "done",
    }


def test_a_rejected_gate_is_skipped_for_its_branches() -> None:
    rejected = {"when": when("outcome", "eq", "skipped"), "stop": True}
    steps = ladder(step("gate", 1, action={"type": "approval", "title": "Sue?"}, branches=[rejected]), step("final", 1))
    known = said(facts(), "gate", "rejected")
    assert told(decide(steps, known, day(1))) == {"gate": "skipped approval_rejected", "final": "skipped stopped"}
    assert told(decide(steps, said(facts(), "gate", "approved"), day(1))) == {"gate": "done", "final": "done"}


def test_nobody_is_asked_about_what_would_not_go_out() -> None:
    steps = ladder(step("x", 1, requires_approval=True, condition=LATE))
    assert decide(steps, facts(), day(1)).asks == ()
    assert told(decide(steps, facts(), day(1))) == {"x": "skipped condition_not_met"}
    assert told(decide(ladder(step("x", 1, requires_approval=True)), facts(contacts=()), day(1))) == {
        "x": "held no_contact_address"
    }


def test_a_gate_is_not_passed_over_by_a_later_notice_and_what_was_approved_goes_out() -> None:
    steps = ladder(step("gated", 1, requires_approval=True, catch_up="skip"), step("later", 3))
    assert told(decide(steps, facts(), day(1))) == {}
    known = said(facts(), "gated", "open")
    assert told(decide(steps, known, day(5))) == {}
    assert told(decide(steps, said(known, "gated", "approved"), day(5))) == {"gated": "done", "later": "done"}


def test_behind_a_gate_the_outlook_knows_no_days() -> None:
    steps = ladder(step("first", 1), step("gated", 3, requires_approval=True), step("later", 5))
    outlook = project(steps, facts(), day(0))
    assert [(one.decided.step.key, one.at) for one in outlook.expected] == [("first", day(1))]
    assert [(one.key, why) for one, why in outlook.waiting] == [
        ("gated", "awaiting_approval"),
        ("later", "awaiting_approval"),
    ]


def test_after_an_outage_the_way_is_the_one_that_would_have_been_gone_and_the_last_notice_on_it_is_sent() -> None:
    past_b = [{"when": when("grade", "eq", "A"), "go_to": "c"}]
    steps = ladder(step("a", 1, branches=past_b), step("b", 2), step("c", 3), step("d", 30))
    assert told(decide(steps, facts(grade="B"), day(2))) == {"a": "skipped superseded", "b": "done"}
    assert told(decide(steps, facts(grade="A"), day(2))) == {"a": "done", "b": "skipped branched_over"}
    late = decide(steps, facts(grade="A"), day(9))
    assert told(late) == {"a": "skipped superseded", "b": "skipped branched_over", "c": "done"}
    assert late.steps[0].branch == 0


def test_a_notice_that_gives_way_counts_for_nothing() -> None:
    steps = ladder(step("a", 1), step("b", 2), task("call", 2, condition=when("notices_sent", "eq", 0)))
    became, _, _ = lived(steps, facts(), [day(3)], parse_options({"maximum_notices": 1}))
    assert became == {"a": "skipped superseded", "b": "done", "call": "done"}


def test_the_outlook_tells_what_will_be_held_or_left_out() -> None:
    steps = ladder(step("first", 1), step("second", 16, condition=when("grade", "eq", "C")), step("third", 20))
    outlook = project(steps, facts(contacts=()), day(0))
    assert [(one.decided.step.key, one.at, one.decided.outcome, one.decided.reasons) for one in outlook.expected] == [
        ("first", day(1), "held", ("no_contact_address",)),
        ("second", day(16), "skipped", ("condition_not_met",)),
        ("third", day(20), "held", ("no_contact_address",)),
    ]


def test_while_the_due_date_is_provisional_the_outlook_says_so() -> None:
    outlook = project(ladder(step("first", 1)), facts(due_on_is_provisional=True), day(0))
    assert [one.decided.reasons for one in outlook.expected] == [("due_date_provisional",)]


def test_dates_of_the_fixture() -> None:
    assert day(0).isoformat() == f"{DUE}T01:00:00+00:00"
