"""Cases that are moved to another version of their plan: nothing is done twice, and nothing only because of the move."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.dunning.rules.decide import decide, pending_steps
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.migrating import Move, move
from domain.dunning.rules.options import PlanOptions, parse_options
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import after
from tests.rules.ladders import day, facts, ladder, lived, said, step, task, when
from tests.rules.test_dunning_property import INSTANTS, happening, known, plans, quietly

PLAIN = PlanOptions()


def moved(old: list[Step], new: list[Step], case: CaseFacts, now: datetime, **more: Any) -> Move:
    return move(
        Ladder(steps=old, options=PLAIN),
        Ladder(steps=new, options=more.get("options", PLAIN)),
        more.get("state", "active"),
        (case, case),
        now,
    )


def coming(told: Move) -> list[tuple[str, datetime]]:
    return [(one.decided.step.key, one.at) for one in told.coming]


def test_what_is_done_stays_done_and_the_next_step_is_that_of_the_new_version() -> None:
    old, new = ladder(step("a", 3), step("b", 10)), ladder(step("a", 5), step("c", 8), step("b", 14))
    _, case, _ = lived(old, facts(), [day(3)])
    told = moved(old, new, case, day(4))
    assert (told.reason, told.kept, told.dropped, told.left_out) == (None, ["a"], [], [])
    assert told.was_next is not None
    assert (told.was_next.decided.step.key, told.was_next.at) == ("b", day(10))
    assert coming(told) == [("c", day(8)), ("b", day(14))]


def test_a_renamed_step_is_not_done_a_second_time() -> None:
    old, new = ladder(step("first", 3), step("b", 10)), ladder(step("initial", 3), step("b", 10))
    _, case, _ = lived(old, facts(), [day(3)])
    told = moved(old, new, case, day(4))
    assert [(one.step.key, one.outcome, one.reasons) for one in told.left_out] == [
        ("initial", "skipped", ("before_migration",))
    ]
    assert coming(told) == [("b", day(10))]


def test_a_step_that_the_case_waited_for_is_waited_for_still() -> None:
    gated = {**step("a", 3), "requires_approval": True}
    old, new = ladder(gated, step("b", 10)), ladder(gated, task("x", 2), step("b", 12))
    case = said(facts(), "a", "open")
    told = moved(old, new, case, day(4))
    assert (told.reason, [one.step.key for one in told.left_out]) == (None, ["x"])
    assert [(one.key, reason) for one, reason in told.waiting] == [
        ("a", "awaiting_approval"),
        ("b", "awaiting_approval"),
    ]


def test_removed_steps_are_dropped() -> None:
    told = moved(ladder(step("a", 3), step("b", 10)), ladder(step("b", 10)), facts(), day(0))
    assert (told.dropped, coming(told)) == (["a"], [("b", day(10))])


def test_a_step_that_counts_from_one_that_is_left_out_is_left_out_with_it() -> None:
    new = ladder(task("x", 2), task("y", 0, relative_to="previous_step"), step("b", 12))
    told = moved(ladder(step("b", 12)), new, facts(), day(4))
    assert [one.step.key for one in told.left_out] == ["x", "y"]


def test_cases_that_cannot_go_on_where_they_are_stay() -> None:
    old, new = ladder(step("a", 3)), ladder(step("b", 10))
    assert moved(old, new, facts(), day(0), state="escalated").reason == "escalated"
    assert moved(old, new, facts(), day(0), options=parse_options({"anchor": "balance"})).reason == "anchor_changed"
    gated = ladder({**step("a", 3), "requires_approval": True})
    asked = said(facts(), "a", "open")
    assert moved(gated, new, asked, day(4)).reason == "approval_open"
    assert moved(gated, old, asked, day(4)).reason == "approval_open"
    assert moved(gated, gated, asked, day(4)).reason is None


def test_a_branch_that_was_taken_has_to_be_there_still() -> None:
    led = [{"when": when("outcome", "eq", "done"), "go_to": "c"}]
    old = ladder({**step("a", 3), "branches": led}, task("b", 5), task("c", 9))
    _, case, _ = lived(old, facts(), [day(3)])
    plain = ladder(step("a", 3), task("b", 5), task("c", 9))
    assert moved(old, plain, case, day(4)).reason == "branch_changed"
    later = ladder({**step("a", 3), "branches": led}, task("b", 6), task("c", 12))
    told = moved(old, later, case, day(4))
    assert (told.reason, coming(told)) == (None, [("c", day(12))])
    assert moved(old, ladder(task("c", 12)), case, day(4)).reason is None


@quietly
@given(old=plans(), new=plans(), case=known(), past=st.lists(INSTANTS, max_size=4).map(sorted), now=INSTANTS)
def test_moving_does_nothing_by_itself(
    old: list[Step], new: list[Step], case: CaseFacts, past: list[datetime], now: datetime
) -> None:
    _, case, *_ = lived(old, case, [at for at in past if at <= now] or [now])
    if decide(old, case, now).state != "active":
        return
    told = moved(old, new, case, now)
    if told.reason is not None:
        return
    waited_for = {one.key for at, one in pending_steps(old, case, now) if at <= now}
    decided = {key for key, one in case.occurrences.items() if not one.withdrawn}
    after_move = after(case, told.left_out, now)
    at_once = decide(new, after_move, now).steps
    follows = {one.key for one in new if one.relative_to == "previous_step"}
    assert {one.step.key for one in at_once if one.outcome == "done"} <= waited_for | follows
    assert not {one.step.key for one in (*told.left_out, *at_once)} & decided
    story, _ = happening(new, after_move, now, PLAIN)
    assert [one.decided.step.key for one in told.coming] == [moment[0] for moment in story]
