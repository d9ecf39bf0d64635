"""Days of grace and days between two notices: pure, told by the facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dunning.rules.decide import DecidedStep, Decision, decide, pending_steps
from domain.dunning.rules.facts import CaseFacts, LastOccurrence
from domain.dunning.rules.schedule import first_instant
from domain.dunning.rules.settings import check_settings
from domain.dunning.rules.steps import EscalationAction, Step
from domain.kernel.calendar import local_date
from domain.kernel.errors import InvalidInput
from tests.rules.test_dunning_decide import (
    DUE,
    INSTANTS,
    LADDER,
    LEGAL,
    PLANS,
    WANG,
    ZONES,
    a_step,
    day,
    outcomes,
    some_facts,
)

CLOSE = [a_step("first", 1), a_step("second", 3), a_step("third", 4)]


def after(facts: CaseFacts, decision: Decision, now: datetime) -> CaseFacts:
    """The facts once the decision was committed at `now`."""
    return replace(facts, occurrences={**facts.occurrences, **{s.step.key: recorded(s, now) for s in decision.steps}})


def recorded(step: DecidedStep, now: datetime) -> LastOccurrence:
    return LastOccurrence(
        number=step.number,
        outcome=step.outcome,
        reasons=step.reasons,
        is_escalation=isinstance(step.step.action, EscalationAction),
        reminded_at=now if step.contact else None,
    )


def reminded(key: str, at: datetime, **fields: Any) -> dict[str, LastOccurrence]:
    return {key: LastOccurrence(number=1, outcome="done", reminded_at=at, **fields)}


def planned(steps: list[Step], facts: CaseFacts) -> dict[str, int]:
    """Each step to come by the days from the due date to it."""
    return {s.key: (local_date(at, facts.time_zone) - DUE).days for at, s in pending_steps(steps, facts)}


def test_grace_moves_what_comes_after_the_due_date_only() -> None:
    steps = [*LADDER, a_step("today", 0)]
    facts = some_facts(grace_days=7)
    assert planned(steps, facts) == {"before": -3, "today": 0, "first": 10, "call": 17, "firm": 22, "legal": 67}
    assert first_instant(LADDER[1:], DUE, "Asia/Shanghai", 7) == day(10)
    assert decide(LADDER[1:], facts, day(9)) == Decision(state="active", next_action_at=day(10))


def test_notices_too_close_to_each_other_are_moved_one_after_the_other() -> None:
    facts = some_facts(minimum_days_between=10)
    assert planned(CLOSE, facts) == {"first": 1, "second": 11, "third": 21}
    first = decide(CLOSE, facts, day(1))
    assert (outcomes(first), first.next_action_at, first.deferred_reasons) == (
        {"first": "done"},
        day(11),
        ("minimum_gap",),
    )
    facts = after(facts, first, day(1))
    assert decide(CLOSE, facts, day(5)) == Decision(
        state="active", next_action_at=day(11), deferred_reasons=("minimum_gap",)
    )
    assert outcomes(decide(CLOSE, facts, day(11))) == {"second": "done"}


def test_the_gap_counts_from_the_day_on_which_a_notice_was_made() -> None:
    facts = some_facts(minimum_days_between=10)
    late = decide(CLOSE, facts, day(9))
    assert (outcomes(late), late.next_action_at) == ({"first": "done"}, day(19))
    assert planned(CLOSE, after(facts, late, day(9))) == {"second": 19, "third": 29}


def test_what_is_far_enough_apart_waits_for_nothing() -> None:
    facts = some_facts(minimum_days_between=12, occurrences=reminded("first", day(3)))
    decision = decide(LADDER[1:], facts, day(3))
    assert (decision.next_action_at, decision.deferred_reasons) == (day(10), ())


def test_a_task_comes_at_its_time_while_a_notice_waits() -> None:
    facts = some_facts(minimum_days_between=30, occurrences=reminded("first", day(3)))
    decision = decide(LADDER[1:], facts, day(15))
    assert (outcomes(decision), decision.next_action_at, decision.deferred_reasons) == (
        {"call": "done"},
        day(33),
        ("minimum_gap",),
    )


def test_a_notice_that_reached_nobody_counts_for_nothing() -> None:
    withdrawn = {"first": LastOccurrence(number=1, outcome="done", withdrawn=True)}
    assert planned(CLOSE, some_facts(minimum_days_between=5, occurrences=withdrawn)) == {
        "first": 1,
        "second": 6,
        "third": 11,
    }
    held = decide(CLOSE, some_facts(minimum_days_between=5, contacts=()), day(4))
    assert set(outcomes(held).values()) == {"held no_contact_address"}
    assert len(held.steps) == 3


def test_a_friendly_word_that_would_come_too_late_keeps_nobody_waiting() -> None:
    steps = [a_step("early", -20), a_step("before", -3), a_step("first", 3)]
    facts = some_facts(minimum_days_between=21)
    assert planned(steps, facts) == {"early": -20, "before": 1, "first": 3}
    sent = after(facts, decide(steps, facts, day(-20)), day(-20))
    assert outcomes(decide(steps, sent, day(1))) == {"before": "skipped due_date_passed"}


def test_after_an_escalation_nothing_waits() -> None:
    facts = some_facts(minimum_days_between=30, occurrences=reminded("first", day(3)))
    decision = decide([CLOSE[0], CLOSE[1], a_step("legal", 5, LEGAL)], facts, day(6))
    assert (outcomes(decision), decision.state, decision.deferred_reasons) == ({"legal": "done"}, "escalated", ())


@pytest.mark.parametrize(
    ("grace", "gap", "code"),
    [
        (-1, None, "grace_days_out_of_range"),
        (366, None, "grace_days_out_of_range"),
        (0, 0, "minimum_days_out_of_range"),
    ],
)
def test_days_out_of_range_are_refused(grace: int, gap: int | None, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_settings(grace, gap)
    assert refused.value.errors[0].code == code
    check_settings(0, 365)


GAPS, GRACE = st.integers(1, 60), st.integers(0, 60)


@given(steps=PLANS, zone=ZONES, now=INSTANTS, gap=GAPS, grace=GRACE, reachable=st.booleans())
def test_deciding_twice_changes_nothing(
    steps: list[Step], zone: str, now: datetime, gap: int, grace: int, reachable: bool
) -> None:
    contacts = (WANG,) if reachable else ()
    facts = some_facts(time_zone=zone, minimum_days_between=gap, grace_days=grace, contacts=contacts)
    first = decide(steps, facts, now)
    second = decide(steps, after(facts, first, now), now)
    assert second == replace(first, steps=())


@given(steps=PLANS, zone=ZONES, gap=GAPS, grace=GRACE, late=st.lists(st.integers(0, 400), max_size=30))
def test_notices_are_never_closer_and_nothing_is_lost(
    steps: list[Step], zone: str, gap: int, grace: int, late: list[int]
) -> None:
    facts, written, seen = (
        some_facts(time_zone=zone, minimum_days_between=gap, grace_days=grace),
        list[date](),
        list[str](),
    )
    at, delays = first_instant(steps, DUE, zone, grace), iter(late)
    state = "active"
    while at is not None:
        at += timedelta(hours=next(delays, 0))
        decision = decide(steps, facts, at)
        written += [local_date(at, zone) for s in decision.steps if s.contact]
        seen += [s.step.key for s in decision.steps]
        facts, at, state = after(facts, decision, at), decision.next_action_at, decision.state
    assert all((later - earlier).days >= gap for earlier, later in pairwise(written))
    assert len(seen) == len(set(seen))
    assert state == "escalated" or set(seen) == {step.key for step in steps}


@given(steps=PLANS, zone=ZONES, gap=GAPS, grace=GRACE)
def test_the_timeline_tells_beforehand_when_notices_will_be_made(
    steps: list[Step], zone: str, gap: int, grace: int
) -> None:
    facts = some_facts(time_zone=zone, minimum_days_between=gap, grace_days=grace)
    told = {step.key: at for at, step in pending_steps(steps, facts)}
    at = first_instant(steps, DUE, zone, grace)
    while at is not None:
        decision = decide(steps, facts, at)
        assert decision.steps, "the engine was woken for nothing"
        assert all(told[s.step.key] == s.due_at == at for s in decision.steps if s.contact)
        facts, at = after(facts, decision, at), decision.next_action_at
