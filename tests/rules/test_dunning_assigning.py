"""Which plan applies: pure rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dunning.rules.assigning import Candidate, is_in_rollout, resolve
from domain.kernel.ids import new_id

TENANT, CUSTOMER = "tnt_1", "cus_1"


def candidate(source: Any, plan: str, **more: Any) -> Candidate:
    fields = {"plan_name": plan, "plan_version_id": f"v_{plan}", "version": 1, **more}
    return Candidate(source=source, plan_id=plan, **fields)


EVERY = [
    candidate("receivable", "own"),
    candidate("customer", "theirs"),
    candidate("segment", "first"),
    candidate("segment", "second"),
    candidate("default", "standard"),
]


def told(candidates: list[Candidate]) -> tuple[str | None, dict[str, str]]:
    resolution = resolve(candidates, TENANT, CUSTOMER)
    winner = resolution.winner.plan_id if resolution.winner else None
    return winner, {loser.candidate.plan_id: loser.reason for loser in resolution.losers}


def test_the_most_specific_wins_and_every_other_is_told_why_not() -> None:
    rest = {"theirs": "less_specific", "first": "less_specific", "second": "less_specific", "standard": "less_specific"}
    assert told(EVERY) == ("own", rest)
    assert told(EVERY[1:]) == ("theirs", {name: rest[name] for name in ("first", "second", "standard")})
    assert told(EVERY[2:]) == ("first", {"second": "lower_priority", "standard": "less_specific"})
    assert told(EVERY[3:]) == ("second", {"standard": "less_specific"})
    assert told(EVERY[4:]) == ("standard", {})
    assert told([]) == (None, {})


@pytest.mark.parametrize(
    ("hindered", "reason"),
    [
        ({"segment_matches": False}, "segment_not_matched"),
        ({"plan_version_id": None}, "plan_not_published"),
        ({"rollout_percent": 0}, "outside_rollout"),
        ({"rollout_percent": 0, "segment_matches": False, "plan_version_id": None}, "segment_not_matched"),
        ({"rollout_percent": 0, "plan_version_id": None}, "plan_not_published"),
    ],
)
def test_what_cannot_apply_falls_through_to_the_next_rule(hindered: dict[str, Any], reason: str) -> None:
    first, second, standard = EVERY[2:]
    assert told([replace(first, **hindered), second, standard]) == (
        "second",
        {"first": reason, "standard": "less_specific"},
    )
    # Its own obstacle is told even where something more specific would have won anyhow.
    assert told([EVERY[0], replace(second, **hindered)])[1] == {"second": reason}
    assert told([replace(standard, **hindered)]) == (None, {"standard": reason})


def test_who_names_one_customer_or_receivable_is_not_asked_for_a_share() -> None:
    for source in ("receivable", "customer"):
        assert told([candidate(source, "named", rollout_percent=0)]) == ("named", {})


def test_a_plan_that_does_nothing_wins_like_any_other() -> None:
    assert told([candidate("segment", "nothing", does_nothing=True), EVERY[-1]])[0] == "nothing"


@given(st.text(), st.text(), st.integers(0, 99))
def test_who_is_in_a_rollout_stays_in_when_it_grows(plan: str, customer: str, percent: int) -> None:
    if is_in_rollout(TENANT, plan, customer, percent):
        assert is_in_rollout(TENANT, plan, customer, percent + 1)
    assert is_in_rollout(TENANT, plan, customer, 100)
    assert not is_in_rollout(TENANT, plan, customer, 0)


def test_a_rollout_is_stable_and_about_as_large_as_it_says() -> None:
    # A golden value: another hash would give other customers the plan after an upgrade.
    inside = [n for n in range(20) if is_in_rollout("tnt_a", "pln_a", f"cus_{n}", 30)]
    assert inside == [2, 3, 6, 10, 14, 16, 18, 19]
    customers = [new_id("cus") for _ in range(4000)]
    share = sum(is_in_rollout(TENANT, "pln_a", customer, 30) for customer in customers) / 40
    assert 25 < share < 35
    # Another plan draws anew: who is in one of them is not in all.
    both = sum(all(is_in_rollout(TENANT, plan, c, 50) for plan in ("pln_a", "pln_b")) for c in customers) / 40
    assert 20 < both < 30
