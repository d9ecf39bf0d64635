"""When an invoice is due, in how many parts, and what paying early saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.ledger.rules.payment_terms import (
    Discount,
    DueRule,
    PaymentTerms,
    TermPart,
    agreed_due_on,
    check_payment_terms,
    discount_amount,
    due_on,
    due_parts,
    is_discount_earned,
)

TWO_TEN = Discount(rate=Decimal("0.02"), days=10)
THOUSAND = Money(Decimal(1000), "CNY")


@pytest.mark.parametrize(
    ("rule", "anchor", "due"),
    [
        (DueRule(), date(2026, 5, 7), date(2026, 5, 7)),
        (DueRule(days=30), date(2028, 1, 30), date(2028, 2, 29)),
        (DueRule(kind="days_then_end_of_month", days=30), date(2026, 1, 1), date(2026, 1, 31)),
        (DueRule(kind="days_then_end_of_month", days=30), date(2026, 1, 31), date(2026, 3, 31)),
        (DueRule(kind="end_of_month_then_days", days=30), date(2026, 1, 1), date(2026, 3, 2)),
        (DueRule(kind="end_of_month_then_days", days=0), date(2028, 2, 1), date(2028, 2, 29)),
        (DueRule(kind="day_of_month", day=15), date(2026, 5, 15), date(2026, 5, 15)),
        (DueRule(kind="day_of_month", day=15), date(2026, 5, 16), date(2026, 6, 15)),
        (DueRule(kind="day_of_month", day=31), date(2026, 2, 1), date(2026, 2, 28)),
        (DueRule(kind="day_of_month", day=31, days=30), date(2026, 1, 30), date(2026, 3, 31)),
        (DueRule(kind="day_of_month", day=5), date(2026, 12, 6), date(2027, 1, 5)),
    ],
)
def test_due_dates(rule: DueRule, anchor: date, due: date) -> None:
    assert due_on(rule, anchor) == due


@given(
    kind=st.sampled_from(["net", "days_then_end_of_month", "end_of_month_then_days", "day_of_month"]),
    days=st.integers(0, 400),
    day=st.integers(1, 31),
    anchor=st.dates(date(1970, 1, 1), date(2199, 1, 1)),
)
def test_nothing_is_due_before_its_anchor(kind: str, days: int, day: int, anchor: date) -> None:
    rule = DueRule(kind=kind, days=days, day=day if kind == "day_of_month" else None)  # type: ignore[arg-type]
    assert due_on(rule, anchor) >= anchor


def test_parts_have_their_own_dates_and_sum_to_the_whole() -> None:
    terms = PaymentTerms(parts=(TermPart(share=Decimal(30)), TermPart(share=Decimal(70), due=DueRule(days=60))))
    parts = due_parts(terms, Money(Decimal("999.99"), "CNY"), date(2026, 1, 1))
    assert [(str(part.amount.amount), part.due_on) for part in parts] == [
        ("300.00", date(2026, 1, 1)),
        ("699.99", date(2026, 3, 2)),
    ]


@pytest.mark.parametrize(
    ("paid", "paid_on", "earned"),
    [
        ("980", date(2026, 1, 11), True),
        ("980", date(2026, 1, 12), False),
        ("979.99", date(2026, 1, 11), False),
        ("1000", date(2026, 1, 11), True),
    ],
)
def test_a_discount_is_earned_in_time_and_in_full(paid: str, paid_on: date, earned: bool) -> None:
    money = Money(Decimal(paid), "CNY")
    assert is_discount_earned(TWO_TEN, THOUSAND, date(2026, 1, 11), money, paid_on) is earned


def test_a_discount_is_rounded_half_up_once() -> None:
    assert discount_amount(TWO_TEN, Money(Decimal("0.25"), "CNY")).amount == Decimal("0.01")
    assert discount_amount(TWO_TEN, Money(Decimal(125), "JPY")).amount == Decimal(3)


ONE = PaymentTerms(parts=(TermPart(),))


@pytest.mark.parametrize(
    ("terms", "pointer", "code"),
    [
        (PaymentTerms(parts=()), "/parts", "no_parts"),
        (PaymentTerms(parts=(TermPart(share=Decimal(0)),)), "/parts/0/share", "share_not_positive"),
        (PaymentTerms(parts=(TermPart(due=DueRule(days=-1)),)), "/parts/0/due/days", "days_out_of_range"),
        (PaymentTerms(parts=(TermPart(due=DueRule(day=3)),)), "/parts/0/due/day", "day_of_month_mismatch"),
        (
            PaymentTerms(parts=(TermPart(due=DueRule(kind="day_of_month", day=32)),)),
            "/parts/0/due/day",
            "day_out_of_range",
        ),
        (replace(ONE, discount=Discount(rate=Decimal(1), days=1)), "/discount/rate", "rate_out_of_range"),
        (replace(ONE, discount=replace(TWO_TEN, days=-1)), "/discount/days", "days_out_of_range"),
        (PaymentTerms(parts=(TermPart(), TermPart()), discount=TWO_TEN), "/discount", "discount_of_parts"),
    ],
)
def test_terms_that_no_invoice_can_be_due_by(terms: PaymentTerms, pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_payment_terms(terms)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


ISSUED = date(2026, 1, 1)
NET_30 = PaymentTerms(parts=(TermPart(due=DueRule(days=30)),))


def test_a_due_date_is_given_or_follows_from_the_terms() -> None:
    assert agreed_due_on(ISSUED, date(2026, 2, 2), None) == date(2026, 2, 2)
    assert agreed_due_on(ISSUED, None, NET_30) == date(2026, 1, 31)
    assert agreed_due_on(ISSUED, date(2026, 1, 31), NET_30) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("due", "terms", "pointer", "code"),
    [
        (None, None, "/due_on", "due_on_or_payment_terms_required"),
        (date(2026, 2, 1), NET_30, "/due_on", "due_on_differs_from_payment_terms"),
        (None, PaymentTerms(parts=()), "/payment_terms/parts", "no_parts"),
        (None, PaymentTerms(parts=(TermPart(), TermPart())), "/payment_terms/parts", "several_parts_not_supported"),
    ],
)
def test_due_dates_that_cannot_be_agreed_on(
    due: date | None, terms: PaymentTerms | None, pointer: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        agreed_due_on(ISSUED, due, terms)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]
