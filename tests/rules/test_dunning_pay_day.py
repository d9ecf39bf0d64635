"""Customers who pay on a certain day of the month are written to before that day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dunning.rules.bases import end_of_month
from domain.dunning.rules.decide import decide, pending_steps
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.options import parse_options
from domain.dunning.rules.pay_day import PayDay, last_pay_day, pay_day_of
from domain.kernel.calendar import local_date
from tests.rules.ladders import DUE, day, facts, ladder, step, task, told

LEARNS = parse_options({"learn_pay_day": True})


def paid(*days: str) -> frozenset[date]:
    """Days on which payments came."""
    return frozenset(map(date.fromisoformat, days))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (paid("2026-01-25", "2026-02-25", "2026-03-25"), 25),
        (paid("2026-01-23", "2026-02-25", "2026-03-27"), 25),
        (paid("2026-01-31", "2026-02-28", "2026-03-31"), 31),
        (paid("2026-01-30", "2026-03-02", "2026-04-01"), 1),
        (paid("2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05", "2026-04-20"), 5),
        (paid("2026-01-05", "2026-02-05", "2026-03-05", "2026-04-20"), None),
        (paid("2026-01-25", "2026-02-25"), None),
        (paid("2026-01-25", "2026-02-10", "2026-03-01"), None),
        (paid(), None),
    ],
)
def test_the_day_on_which_a_customer_pays(days: frozenset[date], expected: int | None) -> None:
    assert pay_day_of(days) == expected


def test_who_pays_every_day_has_no_pay_day() -> None:
    assert pay_day_of(frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(365))) is None


@given(st.integers(1, 31), st.integers(3, 12), st.lists(st.integers(-2, 2), min_size=12, max_size=12))
def test_a_habit_is_found_with_its_tolerance(pays_on: int, months: int, off: list[int]) -> None:
    days = set()
    for month in range(1, months + 1):
        last = end_of_month(date(2026, month, 1))
        days.add(last.replace(day=min(pays_on, last.day)) + timedelta(days=off[month - 1]))
    found = pay_day_of(frozenset(days))
    if len(days) >= 3:
        assert found is not None
        near = [one for one in days if min(abs((one - at).days) for at in _around(found, one)) <= 2]
        assert len(near) >= 3
        assert len(near) * 5 >= len(days) * 4


def _around(pays_on: int, one: date) -> list[date]:
    """The pay days of the month before, this month and the month after."""
    after = end_of_month(one) + timedelta(days=1)
    return [last_pay_day(pays_on, end_of_month(of)) for of in (one.replace(day=1) - timedelta(days=1), one, after)]


def test_the_last_pay_day_before_a_day() -> None:
    assert last_pay_day(25, date(2026, 3, 10)) == date(2026, 2, 25)
    assert last_pay_day(10, date(2026, 3, 10)) == date(2026, 3, 10)
    assert last_pay_day(31, date(2026, 3, 10)) == date(2026, 2, 28)
    assert last_pay_day(25, date(2026, 1, 10)) == date(2025, 12, 25)


STEPS = ladder(step("early", -7), step("friendly", -3), task("look", -1), step("first", 3))


def days_of(known: CaseFacts) -> dict[str, date]:
    """When each step falls due, in Shanghai."""
    return {one.key: local_date(at, "Asia/Shanghai") for at, one in pending_steps(STEPS, known)}


def test_what_writes_before_the_due_date_comes_as_long_before_the_pay_day() -> None:
    known = facts(pay_day=PayDay(25, date(2026, 2, 8)))  # due on 10 March
    assert days_of(known) == {
        "early": date(2026, 2, 18),
        "friendly": date(2026, 2, 22),
        "look": DUE - timedelta(days=1),
        "first": DUE + timedelta(days=3),
    }
    decided = decide(STEPS, known, day(-20), LEARNS)
    assert told(decided) == {"early": "done before_pay_day"}
    assert decided.next_action_at == day(-16)


def test_nothing_moves_to_a_day_before_the_case_was_known() -> None:
    plain = days_of(facts())
    assert days_of(facts(pay_day=PayDay(25, date(2026, 2, 19)))) == plain
    assert days_of(facts(pay_day=PayDay(25, date(2026, 2, 18)))) != plain


def test_who_pays_on_the_due_date_is_told_as_ever() -> None:
    known = facts(pay_day=PayDay(DUE.day, date(2026, 1, 1)))
    assert days_of(known) == days_of(facts())
    assert told(decide(STEPS, known, day(-7), LEARNS)) == {"early": "done"}


def test_after_an_outage_over_the_pay_day_it_is_still_said_before_the_due_date() -> None:
    known = facts(pay_day=PayDay(25, date(2026, 2, 8)))
    assert told(decide(STEPS, known, day(-2), LEARNS)) == {
        "early": "skipped superseded",
        "friendly": "done before_pay_day",
    }
