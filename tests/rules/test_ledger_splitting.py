"""Parts sum to the whole in every currency, and each is within one minor unit of its exact share."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import Money, quantum_of
from domain.ledger.rules.splitting import split_by_weights

CURRENCIES = ("JPY", "CNY", "KWD", "CLF")  # 0, 2, 3 and 4 digits


@given(
    units=st.integers(-(10**14), 10**14),
    currency=st.sampled_from(CURRENCIES),
    weights=st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=40).filter(any),
)
def test_parts_sum_to_the_whole(units: int, currency: str, weights: list[Decimal]) -> None:
    whole = Money(quantum_of(currency) * units, currency)
    parts = split_by_weights(whole, weights)
    assert sum(part.amount for part in parts) == whole.amount
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(whole.amount) * Fraction(weight) / Fraction(sum(weights))
        assert abs(Fraction(part.amount) - exact) < Fraction(quantum_of(currency))


@pytest.mark.parametrize(
    ("amount", "currency", "weights", "parts"),
    [
        ("100", "CNY", [1, 1, 1], ["33.34", "33.33", "33.33"]),
        ("100", "JPY", [1, 1, 1], ["34", "33", "33"]),
        ("0.02", "CNY", [1, 1, 1], ["0.01", "0.01", "0.00"]),
        ("1000", "CNY", [30, 70], ["300.00", "700.00"]),
        ("-100", "CNY", [1, 1, 1], ["-33.34", "-33.33", "-33.33"]),
        ("10", "KWD", [0, 1], ["0.000", "10.000"]),
    ],
)
def test_the_largest_remainders_get_the_units_left_over(
    amount: str, currency: str, weights: list[int], parts: list[str]
) -> None:
    split = split_by_weights(Money(Decimal(amount), currency), [Decimal(weight) for weight in weights])
    assert [str(part.amount) for part in split] == parts


@pytest.mark.parametrize("weights", [[0, 0], [1, -1, 1]])
def test_weights_that_split_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_by_weights(Money(Decimal(1), "CNY"), [Decimal(weight) for weight in weights])
