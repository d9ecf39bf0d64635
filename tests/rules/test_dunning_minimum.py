"""Whether an amount is worth a notice: overdue debits less unapplied credits of the same currency."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.dunning.rules.minimum import dunnable, is_below
from domain.kernel.money import Money


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


MINIMUMS = (cny("50"), usd("10"))


@pytest.mark.parametrize(
    ("due", "unapplied", "left", "below"),
    [
        ([cny("49.99")], cny("0"), cny("49.99"), True),
        ([cny("50")], cny("0"), cny("50"), False),
        ([cny("30"), cny("20")], cny("0"), cny("50"), False),
        ([cny("100")], cny("50"), cny("50"), False),
        ([cny("100")], cny("50.01"), cny("49.99"), True),
        ([cny("100"), cny("40"), cny("5")], cny("100"), cny("45"), True),
        ([cny("100")], cny("250"), cny("0"), True),
        ([], cny("0"), cny("0"), True),
        # Credit of one currency does not count against debts of another, nor do those add up.
        ([cny("60"), usd("500")], cny("0"), cny("60"), False),
        ([cny("500"), usd("9.99")], usd("0"), usd("9.99"), True),
        # A currency without a minimum has none.
        ([Money(Decimal(1), "EUR")], Money(Decimal(0), "EUR"), Money(Decimal(1), "EUR"), False),
    ],
)
def test_what_is_left_and_whether_that_is_too_little(
    due: list[Money], unapplied: Money, left: Money, below: bool
) -> None:
    assert dunnable(due, unapplied) == left
    assert is_below(left, MINIMUMS) is below


def test_without_minimums_nothing_is_too_little() -> None:
    assert not is_below(cny("0.01"), ())
