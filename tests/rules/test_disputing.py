"""The rules of disputes: what of an open amount is disputed, how disputes end, and on what no interest accrues."""

from __future__ import annotations

import doctest
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.ledger.rules import disputing
from domain.ledger.rules.disputing import Freeze, accepted_of, effective_disputed, undisputed
from domain.ledger.rules.late_interest import Balance, InterestRule, accrue

DUE = date(2026, 1, 31)
THOUSANDTH = InterestRule(rate=Decimal("0.001"), rate_period="day")
amounts = st.decimals(min_value=0, max_value=10**9, places=2)
days = st.integers(0, 200).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
balances = st.dictionaries(days, amounts, min_size=1, max_size=6).map(
    lambda found: [Balance(day, found[day]) for day in sorted(found)]
)
freezes = st.lists(
    st.builds(
        lambda day, lasts, amount: Freeze(from_on=day, until_on=day + timedelta(days=lasts), amount=amount),
        days,
        st.integers(0, 60),
        amounts,
    ),
    max_size=4,
)


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(disputing).failed == 0


@given(amounts, amounts)
def test_what_is_disputed_is_never_more_than_is_open_nor_than_was_contested(disputed: Decimal, left: Decimal) -> None:
    effective = effective_disputed(disputed, left)
    assert 0 <= effective <= left
    assert effective in (disputed, left)


@given(balances, freezes)
def test_a_freeze_never_adds_interest_and_none_is_below_zero(owed: list[Balance], frozen: list[Freeze]) -> None:
    accruing = undisputed(owed, frozen)
    assert all(balance.open_amount >= 0 for balance in accruing)
    until = date(2026, 12, 31)
    with_freeze = accrue(THOUSANDTH, DUE, accruing, until, "CNY").interest
    assert with_freeze <= accrue(THOUSANDTH, DUE, owed, until, "CNY").interest


def test_no_interest_accrues_on_what_is_disputed_while_it_is() -> None:
    owed = [Balance(date(2026, 1, 1), Decimal(1000))]
    frozen = [Freeze(from_on=date(2026, 2, 10), until_on=date(2026, 2, 20), amount=Decimal(400))]
    # Ten days on all of it, ten on 600, ten on all of it again.
    accrual = accrue(THOUSANDTH, DUE, undisputed(owed, frozen), date(2026, 3, 2), "CNY")
    assert accrual.interest == cny("26.00")


@pytest.mark.parametrize(
    ("outcome", "accepted", "pointer"),
    [
        ("partially_accepted", None, "/accepted_amount"),
        ("partially_accepted", cny("100"), "/accepted_amount/amount"),
        ("partially_accepted", cny("0"), "/accepted_amount/amount"),
        ("partially_accepted", Money(Decimal(5), "EUR"), "/accepted_amount/currency"),
        ("rejected", cny("5"), "/accepted_amount"),
        ("accepted", cny("5"), "/accepted_amount"),
    ],
)
def test_outcome_and_amount_go_together(outcome: str, accepted: Money | None, pointer: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        accepted_of(cny("100"), outcome, accepted)  # type: ignore[arg-type]
    assert wrong.value.errors[0].pointer == pointer
