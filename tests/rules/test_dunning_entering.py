"""How a debt that is old already enters a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dunning.rules.decide import decide
from domain.dunning.rules.entering import entered, entry_of, is_old, places
from domain.dunning.rules.options import EnterAt
from domain.dunning.rules.rounds import Entry
from domain.dunning.rules.schedule import Pending, instant_of_step
from domain.dunning.rules.steps import Action, Step
from domain.kernel.calendar import local_date
from tests.rules.test_dunning_decide import DUE, EMAIL, LEGAL, TASK, a_step, after, day, some_facts

ZONE = "Asia/Shanghai"
LADDER = [a_step("before", -3), a_step("first", 3), a_step("second", 15), a_step("third", 30, time_of_day="10:30")]
OPENED = day(100, hour_utc=4)
LATER = (DUE + timedelta(days=102), OPENED)
TODAY = (DUE + timedelta(days=100), OPENED)


def an_entry(enter_at: EnterAt, on: date, opened_at: datetime = OPENED) -> Entry:
    return Entry(on=on, opened_at=opened_at, enter_at=enter_at)


def in_order(steps: Sequence[Step], due_on: date, time_zone: str) -> list[Pending]:
    return sorted(((instant_of_step(step, due_on, time_zone), step) for step in steps), key=lambda pair: pair[0])


def told(enter_at: EnterAt, on: date, until: int, opened_at: datetime = OPENED) -> list[tuple[int, str, str]]:
    """What happens to a debt in the engine's hands: days after the due date, step, and what became of it."""
    facts = some_facts(entry=entry_of(on, opened_at, enter_at, ZONE))
    found, now = [], opened_at
    while now <= day(until, 23):
        decision = decide(LADDER, facts, now)
        found += [
            ((local_date(now, ZONE) - DUE).days, s.step.key, " ".join([s.outcome, *s.reasons])) for s in decision.steps
        ]
        facts = after(facts, decision)
        if decision.next_action_at is None:
            break
        assert decision.next_action_at > now
        now = decision.next_action_at
    return found


def test_first_begins_the_ladder_at_the_entry_with_its_own_distances() -> None:
    assert told("first", LATER[0], 200) == [
        (102, "before", "skipped due_date_passed"),
        (102, "first", "done"),
        (114, "second", "done"),
        (129, "third", "done"),
    ]


def test_first_begins_at_once_on_the_day_of_opening() -> None:
    assert [(at, key) for at, key, outcome in told("first", TODAY[0], 200) if outcome == "done"] == [
        (100, "first"),
        (112, "second"),
        (127, "third"),
    ]


@pytest.mark.parametrize("on", [LATER[0], TODAY[0]])
def test_by_age_sends_the_latest_and_passes_over_the_rest(on: date) -> None:
    at = (on - DUE).days
    assert told("by_age", on, 200) == [
        (at, "before", "skipped due_date_passed"),
        (at, "first", "skipped superseded"),
        (at, "second", "skipped superseded"),
        (at, "third", "done"),
    ]


def test_last_takes_only_the_last_rung() -> None:
    assert told("last", LATER[0], 200) == [
        (102, "before", "skipped old_debt"),
        (102, "first", "skipped old_debt"),
        (102, "second", "skipped old_debt"),
        (102, "third", "done"),
    ]


def test_last_is_never_earlier_than_the_plan_says() -> None:
    opened = day(20, hour_utc=4)
    assert told("last", DUE + timedelta(days=20), 200, opened)[-1] == (30, "third", "done")


def test_skip_leaves_out_what_has_passed_and_goes_on_with_the_rest() -> None:
    opened = day(20, hour_utc=4)
    assert told("skip", DUE + timedelta(days=20), 200, opened) == [
        (20, "before", "skipped old_debt"),
        (20, "first", "skipped old_debt"),
        (20, "second", "skipped old_debt"),
        (30, "third", "done"),
    ]


def test_a_debt_whose_due_date_moves_into_the_future_walks_as_any_other() -> None:
    ordered = in_order(LADDER, DUE + timedelta(days=300), ZONE)
    assert entered(ordered, an_entry("first", LATER[0]), ZONE) == (ordered, frozenset())


def test_only_what_is_past_a_step_since_its_due_date_is_old() -> None:
    ordered = in_order(LADDER, DUE, ZONE)
    assert not is_old(ordered, DUE, day(-1), ZONE)
    assert not is_old(ordered, DUE, day(2), ZONE)
    assert not is_old(ordered, DUE, day(3, 15), ZONE)
    assert is_old(ordered, DUE, day(4), ZONE)


def test_every_day_takes_as_many_as_it_has_room_for() -> None:
    first = date(2026, 1, 5)
    days = list(places(7, {first: 2, first + timedelta(days=1): 3}, 3, first))
    assert [(one - first).days for one in days] == [0, 2, 2, 2, 3, 3, 3]


@given(
    old=st.integers(0, 60),
    per_day=st.integers(1, 9),
    taken=st.dictionaries(st.integers(0, 9), st.integers(0, 12), max_size=6),
)
def test_no_day_takes_more_than_it_may_and_none_is_lost(old: int, per_day: int, taken: dict[int, int]) -> None:
    first = date(2026, 1, 5)
    before = {first + timedelta(days=n): count for n, count in taken.items()}
    days = list(places(old, before, per_day, first))
    assert len(days) == old
    assert days == sorted(days)
    assert all(days.count(one) + before.get(one, 0) <= per_day for one in days)


@given(
    offsets=st.lists(st.integers(-10, 90), min_size=1, max_size=8, unique=True),
    age=st.integers(0, 200),
    wait=st.integers(0, 30),
    enter_at=st.sampled_from(["first", "by_age", "last", "skip"]),
    actions=st.lists(st.sampled_from([EMAIL, TASK, LEGAL]), min_size=8, max_size=8),
)
def test_nothing_happens_before_the_entry_and_no_step_is_lost(
    offsets: list[int], age: int, wait: int, enter_at: EnterAt, actions: list[Action]
) -> None:
    steps = [a_step(f"s{n}", n, action) for n, action in zip(offsets, actions, strict=False)]
    ordered = in_order(steps, DUE, ZONE)
    entry = an_entry(enter_at, DUE + timedelta(days=age + wait), day(age, 4))
    moved, left_out = entered(ordered, entry, ZONE)
    assert sorted(step.key for _, step in moved) == sorted(step.key for step in steps)
    assert [at for at, _ in moved] == sorted(at for at, _ in moved)
    if any(local_date(at, ZONE) <= entry.on for at, _ in ordered):
        assert all(local_date(at, ZONE) >= entry.on for at, _ in moved)
        assert all(at >= entry.opened_at for at, _ in moved)
        assert left_out <= {step.key for step in steps}
