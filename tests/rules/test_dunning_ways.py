"""Where a case goes on, who has to agree, and through which channel is written; and what the outlook tells of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.dunning.rules.contact import reachable_channels, recipient_for
from domain.dunning.rules.decide import Decision, decide
from domain.dunning.rules.facts import LastOccurrence
from domain.dunning.rules.options import parse_options
from domain.dunning.rules.projection import project
from domain.dunning.rules.verdicts import after
from tests.rules.ladders import WANG, day, facts, ladder, lived, said, step, task, told, when

LATE = when("days_overdue", "gt", 15)
ALWAYS: dict[str, Any] = {"all": []}


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
    assert way(WANG, replace(boss, addresses={"wecom": "wo1"})) == ("wecom", "con_2")
    assert way(replace(WANG, opted_out_channels=frozenset({"sms"})), boss) == ("email", "con_2")
    assert way(replace(WANG, role="other")) == (None, None)
    off = replace(WANG, opted_out=True, opted_out_channels=frozenset({"sms"}))
    assert told(decide(steps, facts(contacts=(off,)), day(1))) == {"x": "held opted_out"}
    nobody = replace(WANG, sealed_email=None, sealed_phone=None)
    assert told(decide(steps, facts(contacts=(nobody,)), day(1))) == {"x": "held no_contact_address"}


def test_channels_that_are_reachable() -> None:
    assert reachable_channels([WANG]) == {"email", "sms", "voice", "whatsapp"}
    assert reachable_channels([replace(WANG, sealed_phone=None, addresses={"push": "t"})]) == {"email", "push"}
    assert recipient_for([WANG], ()) is None


def test_an_alert_needs_an_account_and_is_never_counted() -> None:
    alert = step("x", 1, action={"type": "alert", "channel": "feishu", "template": "t"})
    assert told(decide(ladder(alert), facts(), day(1))) == {"x": "held no_channel_account"}
    ready = decide(
        ladder(alert, step("y", 1)), facts(usable_channels=frozenset({"feishu", "email"}), contacts=()), day(1)
    )
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


def test_what_stood_between_two_notices_and_goes_with_the_first_keeps_them_a_day_apart() -> None:
    """The one in the middle has to be asked about only as long as nothing was sent."""
    asked = step("asked", 3, requires_approval=True, condition=when("last_notice_state", "is_null", True))
    steps = ladder(step("first", 1), asked, step("last", 5), task("call", 40, relative_to="previous_step"))
    decision = decide(steps, facts(), day(10, 15))
    assert told(decision) == {"first": "done", "asked": "skipped condition_not_met"}
    assert (decision.next_action_at, decision.deferred_reasons, decision.asks) == (day(11), ("one_rung_a_day",), ())
    known = after(facts(), decision.steps, day(10, 15))
    again = decide(steps, known, day(10, 15))
    assert (again.steps, again.next_action_at) == ((), day(11))
    assert told(decide(steps, known, day(11))) == {"last": "done"}


def test_a_new_due_date_that_moves_what_is_to_be_approved_keeps_two_notices_a_day_apart() -> None:
    letter = step("letter", 1, action={"type": "notice", "channels": ["email"], "template": "t", "new_due_days": 14})
    asked = step("asked", 0, relative_to="new_due_date", requires_approval=True)
    steps = ladder(letter, asked, step("last", 5))
    decision = decide(steps, facts(new_due_on=day(4).date()), day(10, 15))
    assert (told(decision), decision.next_action_at) == ({"letter": "done"}, day(11))
    known = after(facts(new_due_on=day(4).date()), decision.steps, day(10, 15))
    assert told(decide(steps, known, day(11))) == {"last": "done"}


def test_what_is_asked_about_all_the_same_lets_nothing_after_it_go_on() -> None:
    asked = step("asked", 3, requires_approval=True, condition=when("notices_sent", "lte", 1))
    decision = decide(ladder(step("first", 1), asked, step("last", 5)), facts(), day(10))
    assert told(decision) == {"first": "done"}
    assert [one.step.key for one in decision.asks] == ["asked"]
