"""What of a decision may happen now: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.collections.hold_model import WITHOUT_END
from domain.dunning.rules.decide import DecidedStep, Decision, decide
from domain.dunning.rules.facts import CaseFacts, ContactGate, LastOccurrence
from domain.dunning.rules.waiting import Waited, allowed_now
from domain.messaging.contact_policy_model import WEEKDAYS, ContactHours, ContactPolicy
from tests.rules.test_dunning_decide import LADDER, LEGAL, TASK, a_step, day, some_facts

EVENING = ContactHours(weekdays=list(WEEKDAYS), from_time="18:00", to_time="20:00")
WORKDAYS = ContactPolicy(business_days_only=True)
QUIET = Waited("first", ("quiet_hours",))


def gated(policy: ContactPolicy, **facts: Any) -> CaseFacts:
    return some_facts(gate=ContactGate(policy=policy, time_zone="Asia/Shanghai", country=None), **facts)


def allowed(steps: Any, facts: CaseFacts, now: datetime, waited: Waited | None = None) -> Decision:
    return allowed_now(decide(steps, facts, now), facts, now, waited)


def told(decision: Decision) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.step.key, one.outcome, one.reasons) for one in decision.steps]


def test_without_hold_and_policy_a_decision_stays_as_it_is() -> None:
    decision = decide(LADDER, some_facts(), day(20))
    assert allowed_now(decision, some_facts(), day(20)) is decision


def test_a_hold_keeps_every_step_back_and_says_until_when() -> None:
    held = some_facts(held_until=day(30))
    decision = allowed(LADDER, held, day(20))
    assert decision == Decision(
        state="active", next_action_at=day(30), deferred_reasons=("on_hold",), deferred_until=day(30)
    )
    without_end = allowed(LADDER, some_facts(held_until=WITHOUT_END), day(20))
    assert (without_end.next_action_at, without_end.deferred_until) == (None, None)
    assert told(allowed(LADDER, held, day(30))) == told(decide(LADDER, some_facts(), day(30)))
    nothing_due = replace(held, held_until=day(0))
    assert allowed(LADDER, nothing_due, day(-5)) == decide(LADDER, some_facts(), day(-5))


def test_a_settled_case_closes_whatever_keeps_it() -> None:
    settled = some_facts(held_until=WITHOUT_END)
    settled = replace(settled, open_amount=settled.unapplied_amount)
    assert allowed(LADDER, settled, day(20)).state == "closed"


def test_what_comes_after_the_step_that_waits_does_not_overtake_it() -> None:
    steps = [a_step("call", 1, TASK), a_step("first", 2), a_step("visit", 2, TASK), a_step("legal", 2, LEGAL)]
    facts = gated(ContactPolicy(contact_hours=[EVENING]))
    decision = allowed(steps, facts, day(2))
    assert told(decision) == [("call", "done", ())]
    assert (decision.state, decision.deferred_step) == ("active", "first")
    assert decision.next_action_at == decision.deferred_until == day(2, 10)
    later = allowed(steps, facts, day(2, 10), QUIET)
    assert [key for key, _, _ in told(later)] == ["call", "first", "visit", "legal"]
    assert (later.steps[1].reasons, later.state) == (("quiet_hours",), "escalated")


def test_the_step_that_waited_is_not_left_out_for_a_later_one() -> None:
    steps = [a_step("first", 1), a_step("call", 2, TASK), a_step("second", 3), a_step("third", 4)]
    facts = gated(ContactPolicy())
    decision = allowed(steps, facts, day(4), QUIET)
    assert told(decision) == [("first", "done", ("quiet_hours",)), ("call", "done", ())]
    assert (decision.state, decision.next_action_at) == ("active", day(4))
    without = allowed(steps, facts, day(4))
    assert [outcome for _, outcome, _ in told(without)] == ["skipped", "done", "skipped", "done"]


def test_a_later_rung_comes_on_a_day_after_the_one_that_waited() -> None:
    steps = [a_step("first", 1), a_step("second", 3)]
    late = LastOccurrence(number=1, outcome="done", reasons=("quiet_hours",), reminded_at=day(3), due_at=day(1))
    decision = allowed(steps, gated(ContactPolicy(), occurrences={"first": late}), day(3))
    assert (decision.steps, decision.deferred_reasons) == ((), ("one_rung_a_day",))
    assert decision.deferred_until == day(4)
    in_time = replace(late, reasons=(), reminded_at=day(1))
    assert told(allowed(steps, gated(ContactPolicy(), occurrences={"first": in_time}), day(3))) == [
        ("second", "done", ())
    ]


def test_what_is_denied_is_held_and_the_rest_goes_on() -> None:
    steps = [a_step("first", 1), a_step("call", 1, TASK)]
    decision = allowed(steps, gated(ContactPolicy(channels=["letter"])), day(1))
    assert told(decision) == [("first", "held", ("channel_not_allowed",)), ("call", "done", ())]
    assert decision.steps[0].contact is None


def test_what_is_allowed_says_by_which_rules() -> None:
    decision = allowed([a_step("first", 1)], gated(WORKDAYS), day(1))
    (step,) = decision.steps
    assert isinstance(step, DecidedStep)
    assert step.allowed_by == ("opted_out", "third_party_block", "business_days_only")


def test_a_week_under_business_days_sends_every_rung_and_none_on_a_weekend() -> None:
    """Played hour by hour from a Saturday on: each rung goes out once, on a working day, never two on one day."""
    saturday = date(2026, 3, 14)
    steps = [a_step(f"day_{n}", n) for n in (0, 1, 2, 3, 8)]
    facts = gated(replace(WORKDAYS, contact_hours=[replace(EVENING, from_time="09:00")]), due_on=saturday)
    now, waited, sent = datetime(2026, 3, 14, 0, 0, tzinfo=UTC), None, []
    while now < datetime(2026, 3, 28, 0, 0, tzinfo=UTC):
        decision = allowed(steps, facts, now, waited)
        for one in decision.steps:
            assert one.outcome == "done"
            sent.append((one.step.key, now))
            last = LastOccurrence(number=1, outcome="done", reasons=one.reasons, reminded_at=now, due_at=one.due_at)
            facts = replace(facts, occurrences={**facts.occurrences, one.step.key: last})
        waited = Waited(decision.deferred_step, decision.deferred_reasons) if decision.deferred_step else None
        now += timedelta(hours=1)
    assert [key for key, _ in sent] == [step.key for step in steps]
    days = [at.date() for _, at in sent]
    assert len(set(days)) == len(days)
    assert all(day_sent.weekday() < 5 for day_sent in days)
