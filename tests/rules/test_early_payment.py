"""The discount for paying early: who earns it, how much of it, and who loses it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Conflict
from domain.kernel.money import Money
from domain.ledger.model import OpenParts, Receivable
from domain.ledger.rules.components import only
from domain.ledger.rules.early_payment import earned_by, is_in_time, lost_by, offered
from domain.ledger.rules.payment_terms import Discount, DueRule, TermPart
from domain.ledger.rules.standing import revised
from tests.factories_ledger import TWO_TEN
from tests.rules.test_ledger_standing import receivable

IN_TIME, LATE = date(2026, 1, 11), date(2026, 1, 12)
TODAY = date(2026, 1, 5)


def owed(open_amount: int | Decimal = 1000, taken: int | Decimal = 0) -> Receivable:
    """1,000 at 2/10 net 30, issued on 2026-01-01."""
    bare = receivable(1000, 1000)
    left = Decimal(open_amount)
    return replace(
        bare,
        payment_terms=TWO_TEN,
        open_amount=Money(left, "CNY"),
        open_parts=OpenParts.of(only("principal", left), "CNY"),
        discount=offered(TWO_TEN, bare.amount, bare.issued_on, Decimal(taken)),
    )


def test_terms_without_a_discount_offer_none() -> None:
    assert offered(replace(TWO_TEN, discount=None), Money(Decimal(1000), "CNY"), TODAY) is None
    assert offered(None, Money(Decimal(1000), "CNY"), TODAY) is None


def test_what_is_offered_has_an_amount_and_a_last_day() -> None:
    discount = owed().discount
    assert discount is not None
    assert (discount.amount, discount.until) == (Money(Decimal(20), "CNY"), IN_TIME)
    assert [is_in_time(owed(), day) for day in (IN_TIME, LATE)] == [True, False]
    assert not is_in_time(receivable(), IN_TIME)


@pytest.mark.parametrize(
    ("open_before", "before", "settled", "paid_on", "earned"),
    [
        (1000, 0, 980, IN_TIME, 20),
        (1000, 0, 980, LATE, 0),
        (1000, 0, "979.99", IN_TIME, 0),
        (1000, 0, 990, IN_TIME, 10),
        (1000, 0, 1000, IN_TIME, 0),
        (500, 500, 480, IN_TIME, 20),
        # A credit note of 15 came first: of the discount there is only what is left.
        (985, 0, 980, IN_TIME, 5),
        # What was late counts for nothing.
        (900, 0, 880, IN_TIME, 0),
        # It was reached before, and taken back or found nothing open then: a further payment does not bring it again.
        (15, 985, 5, IN_TIME, 0),
    ],
)
def test_the_payment_that_reaches_the_amount_less_the_discount_earns_it(
    open_before: int, before: int, settled: int | str, paid_on: date, earned: int
) -> None:
    assert earned_by(owed(open_before), Decimal(before), Decimal(settled), paid_on) == earned


def test_a_discount_is_taken_once() -> None:
    assert earned_by(owed(500, taken=20), Decimal(0), Decimal(490), IN_TIME) == 0
    assert earned_by(receivable(1000, 1000), Decimal(0), Decimal(980), IN_TIME) == 0


@pytest.mark.parametrize(
    ("before", "undone", "paid_on", "lost"),
    [(980, 980, IN_TIME, 20), (980, 1, IN_TIME, 20), (990, 10, IN_TIME, 0), (980, 30, LATE, 0)],
)
def test_it_is_lost_as_soon_as_too_little_is_left_of_what_was_in_time(
    before: int, undone: int, paid_on: date, lost: int
) -> None:
    assert lost_by(owed(0, taken=20), Decimal(before), Decimal(undone), paid_on) == lost


cents = st.integers(1, 100_000).map(lambda n: Decimal(n).scaleb(-2))


@given(parts=st.lists(cents, min_size=1, max_size=6), credited=st.integers(0, 5_000))
def test_payments_in_time_and_their_discount_never_settle_more_than_is_open(
    parts: list[Decimal], credited: int
) -> None:
    left, paid, taken = Decimal(1000) - Decimal(credited).scaleb(-2), Decimal(0), Decimal(0)
    for part in parts:
        settled = min(part, left)
        earned = earned_by(owed(left, taken), paid, settled, IN_TIME)
        assert 0 <= earned <= left - settled
        # Undoing it at once gives back exactly this discount.
        if earned:
            assert not taken
            assert lost_by(owed(left - settled - earned, earned), paid + settled, settled, IN_TIME) == earned
        left, paid, taken = left - settled - earned, paid + settled, taken + earned
    assert taken <= 20


def test_what_a_discount_was_taken_by_stays() -> None:
    paid = owed(0, taken=20)
    assert revised(paid, {"number": "2"}, TODAY).number == "2"
    later = replace(TWO_TEN, parts=(TermPart(due=DueRule(days=60)),))
    assert revised(paid, {"payment_terms": later, "due_on": date(2026, 3, 2)}, TODAY).due_on == date(2026, 3, 2)
    for changes in (
        {"amount": Money(Decimal("1000.10"), "CNY")},
        {"payment_terms": None},
        {"payment_terms": replace(TWO_TEN, discount=Discount(rate=Decimal("0.03"), days=10))},
        {"issued_on": date(2025, 12, 31), "due_on": date(2026, 1, 30)},
    ):
        with pytest.raises(Conflict) as refused:
            revised(paid, changes, TODAY)
        assert refused.value.code == "discount_taken"


def test_a_due_date_does_not_leave_its_terms() -> None:
    with pytest.raises(Conflict) as refused:
        revised(owed(), {"due_on": date(2026, 2, 28)}, TODAY)
    assert refused.value.code == "due_on_differs_from_payment_terms"
    free = revised(owed(), {"due_on": date(2026, 2, 28), "payment_terms": None}, TODAY)
    assert (free.due_on, free.discount) == (date(2026, 2, 28), None)


def test_what_is_offered_follows_the_amount() -> None:
    discount = revised(owed(), {"amount": Money(Decimal(2000), "CNY")}, TODAY).discount
    assert discount is not None
    assert discount.amount == Money(Decimal(40), "CNY")
