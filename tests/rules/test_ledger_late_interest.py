"""Late interest by the rules of contracts and laws, against figures worked out by hand."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.rules import day_count, late_interest, payment_terms, splitting
from domain.ledger.rules.day_count import DayCount, year_fraction
from domain.ledger.rules.late_interest import Balance, BaseRate, InterestRule, accrue

DUE = date(2026, 1, 31)
OWED = [Balance(date(2026, 1, 1), Decimal(10000))]
THOUSANDTH = InterestRule(rate=Decimal("0.001"), rate_period="day")
CHINA_802 = InterestRule(rate=Decimal("0.0005"), rate_period="day")
EU = InterestRule(
    rate=Decimal("0.08"),
    rate_period="year",
    base_rates=(BaseRate(from_on=date(2026, 1, 1), rate=Decimal("0.0215")),),
    rate_fixing="floating",
)


def interest(rule: InterestRule, as_of: date, balances: list[Balance] = OWED) -> str:
    return str(accrue(rule, DUE, balances, as_of, "CNY").interest.amount)


@pytest.mark.parametrize(
    ("rule", "as_of", "expected"),
    [
        (THOUSANDTH, DUE, "0.00"),
        (THOUSANDTH, date(2026, 2, 1), "10.00"),
        (THOUSANDTH, date(2026, 3, 2), "300.00"),
        (CHINA_802, date(2026, 3, 2), "150.00"),
        # 10,000 x 10.15 % x 30/365 = 83.4247
        (EU, date(2026, 3, 2), "83.42"),
        (replace(EU, day_count="ACT/360"), date(2026, 3, 2), "84.58"),
        (replace(THOUSANDTH, grace_days=5), date(2026, 2, 5), "0.00"),
        (replace(THOUSANDTH, grace_days=5), date(2026, 2, 6), "10.00"),
        (replace(THOUSANDTH, max_days=10), date(2026, 12, 31), "100.00"),
        (replace(THOUSANDTH, cap_rate=Decimal("0.05")), date(2027, 1, 31), "500.00"),
        (replace(THOUSANDTH, minimum=Decimal(20)), date(2026, 2, 1), "0.00"),
        (replace(THOUSANDTH, minimum=Decimal(20)), date(2026, 2, 2), "20.00"),
    ],
)
def test_interest_by_rule(rule: InterestRule, as_of: date, expected: str) -> None:
    assert interest(rule, as_of) == expected


def test_a_payment_lowers_the_base_from_the_day_after_its_value_date() -> None:
    balances = [*OWED, Balance(date(2026, 2, 10), Decimal(4000)), Balance(date(2026, 2, 20), Decimal(0))]
    accrual = accrue(THOUSANDTH, DUE, balances, date(2026, 3, 31), "CNY")
    assert accrual.interest.amount == Decimal("140.00")
    assert [(s.first_on, s.last_on, s.open_amount) for s in accrual.segments] == [
        (date(2026, 2, 1), date(2026, 2, 10), Decimal(10000)),
        (date(2026, 2, 11), date(2026, 2, 20), Decimal(4000)),
    ]


def test_a_floating_rate_follows_the_reference_rate_and_a_fixed_one_does_not() -> None:
    rates = (
        BaseRate(from_on=date(2026, 1, 1), rate=Decimal("0.02")),
        BaseRate(from_on=date(2026, 7, 1), rate=Decimal(0)),
    )
    floating = replace(EU, base_rates=rates)
    fixed = replace(floating, rate_fixing="at_start")
    # 150 days at 10 % and 10 at 8 %; 160 days at 10 %
    assert interest(floating, date(2026, 7, 10)) == str(
        (Decimal(10000) * (Decimal("0.1") * 150 + Decimal("0.08") * 10) / 365).quantize(Decimal("0.01"))
    )
    assert interest(fixed, date(2026, 7, 10)) == "438.36"


def test_it_is_rounded_once_and_not_day_by_day() -> None:
    tiny = [Balance(date(2026, 1, 1), Decimal("4.00"))]
    assert interest(THOUSANDTH, date(2026, 2, 10), tiny) == "0.04"  # 0.004 a day would round to nothing


def test_rounding_is_the_rules() -> None:
    half = [Balance(date(2026, 1, 1), Decimal("25.00"))]
    rule = replace(THOUSANDTH, rate=Decimal("0.001"))
    assert interest(rule, date(2026, 2, 1), half) == "0.03"
    assert interest(replace(rule, rounding="half_even"), date(2026, 2, 1), half) == "0.02"


@given(
    cut=st.integers(0, 400),
    amount=st.decimals(1, 10**9, places=2),
    convention=st.sampled_from(["ACT/365F", "ACT/360", "ACT/ACT"]),
)
def test_interest_does_not_depend_on_where_it_is_cut(cut: int, amount: Decimal, convention: DayCount) -> None:
    rule = replace(EU, day_count=convention)
    whole = accrue(rule, DUE, [Balance(date(2026, 1, 1), amount)], date(2027, 3, 31), "CNY")
    middle = Balance(DUE + timedelta(days=cut), amount)
    cut_up = accrue(rule, DUE, [Balance(date(2026, 1, 1), amount), middle], date(2027, 3, 31), "CNY")
    assert whole.interest == cut_up.interest


@given(start=st.dates(date(1990, 1, 1), date(2100, 1, 1)), first=st.integers(0, 2000), second=st.integers(0, 2000))
def test_actual_conventions_add_up(start: date, first: int, second: int) -> None:
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    for convention in ("ACT/365F", "ACT/360", "ACT/ACT"):
        parts = year_fraction(start, middle, convention) + year_fraction(middle, end, convention)
        assert parts == year_fraction(start, end, convention)
    assert year_fraction(start, start, "30E/360") == Fraction(0)


@pytest.mark.parametrize("module", [day_count, late_interest, payment_terms, splitting])
def test_the_worked_examples_of_the_formulas(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
