"""How a receivable stands, as a function of its terms and a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money
from domain.ledger.model import Held, OpenParts, Receivable
from domain.ledger.rules.components import only
from domain.ledger.rules.standing import (
    check_terms,
    days_overdue,
    overdue_at_after,
    revised,
    standing_on,
    status_of,
    turns_overdue_at,
)

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
DUE = date(2026, 1, 31)


def receivable(amount: int = 100, open_amount: int = 100) -> Receivable:
    bare = Receivable(
        id="rcv_1",
        external_id=None,
        customer_id="cus_1",
        number="1",
        amount=Money(Decimal(amount), "CNY"),
        charged_amount=Money(Decimal(0), "CNY"),
        open_amount=Money(Decimal(open_amount), "CNY"),
        open_parts=OpenParts.of(only("principal", Decimal(open_amount)), "CNY"),
        written_off_amount=Money(Decimal(0), "CNY"),
        cancelled_on=None,
        cancellation_reason=None,
        order_reference=None,
        contract_reference=None,
        salesperson=None,
        issued_on=date(2026, 1, 1),
        due_on=DUE,
        payment_terms=None,
        discount=None,
        status="open",
        overdue=False,
        days_overdue=0,
        metadata={},
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )
    return standing_on(bare, date(2026, 1, 5))


@pytest.mark.parametrize(
    ("amount", "open_amount", "status"), [(100, 100, "open"), (100, 1, "partly_paid"), (100, 0, "paid")]
)
def test_the_status_follows_from_the_amounts(amount: int, open_amount: int, status: str) -> None:
    assert status_of(Decimal(amount), Decimal(open_amount)) == status


def test_it_is_overdue_from_the_day_after_and_only_while_something_is_open() -> None:
    assert days_overdue(DUE, Decimal(1), DUE) == 0
    assert days_overdue(DUE, Decimal(1), date(2026, 2, 1)) == 1
    assert days_overdue(DUE, Decimal(0), date(2026, 3, 1)) == 0


def test_it_turns_overdue_at_the_customers_midnight() -> None:
    assert turns_overdue_at(DUE, "Asia/Shanghai") == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert turns_overdue_at(DUE, "America/New_York") == datetime(2026, 2, 1, 5, tzinfo=UTC)


@given(amount=st.integers(1, 10**6), settled=st.integers(0, 10**6), new=st.integers(1, 10**6))
def test_a_correction_keeps_what_is_settled(amount: int, settled: int, new: int) -> None:
    settled = min(settled, amount)
    before = receivable(amount, amount - settled)
    changes = {"amount": Money(Decimal(new), "CNY")}
    if new < settled:
        with pytest.raises(Conflict) as refused:
            revised(before, changes, DUE)
        assert refused.value.code == "amount_below_settled"
        return
    after = revised(before, changes, DUE)
    assert (after.amount - after.open_amount).amount == settled
    assert after.open_amount.amount >= 0
    assert after.status == status_of(Decimal(new), Decimal(new - settled))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Money(Decimal(100), "USD")}, "currency_immutable"),
        ({"customer_id": "cus_2"}, "customer_immutable"),
    ],
)
def test_what_never_changes_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(Conflict) as refused:
        revised(receivable(), changes, DUE)
    assert refused.value.code == code


def test_a_due_date_before_the_issue_is_refused_also_when_only_one_of_them_changes() -> None:
    with pytest.raises(InvalidInput) as refused:
        revised(receivable(), {"due_on": date(2025, 12, 31)}, DUE)
    assert refused.value.errors[0].code == "due_before_issue"


def test_the_announcement_is_repeated_only_for_a_new_due_date_or_a_reopened_receivable() -> None:
    announced = Held(receivable=receivable(), time_zone="UTC", overdue_at=None)
    assert overdue_at_after(announced, replace(receivable(), number="2")) is None
    moved = replace(receivable(), due_on=date(2026, 3, 1))
    assert overdue_at_after(announced, moved) == datetime(2026, 3, 2, tzinfo=UTC)
    paid = Held(receivable=receivable(100, 0), time_zone="UTC", overdue_at=None)
    assert overdue_at_after(paid, receivable(120, 20)) == datetime(2026, 2, 1, tzinfo=UTC)
    pending = Held(receivable=receivable(), time_zone="UTC", overdue_at=NOW)
    assert overdue_at_after(pending, receivable(100, 0)) is None


def test_every_wrong_term_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_terms(
            number="",
            external_id="x" * 201,
            amount=Money(Decimal(0), "CNY"),
            issued_on=date(1969, 12, 31),
            due_on=date(1960, 1, 1),
        )
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/external_id", "length_out_of_range"),
        ("/number", "length_out_of_range"),
        ("/issued_on", "date_out_of_range"),
        ("/due_on", "date_out_of_range"),
        ("/due_on", "due_before_issue"),
        ("/amount/amount", "amount_not_positive"),
    ]


def test_what_was_cancelled_cannot_be_changed_but_may_be_told_again() -> None:
    cancelled = standing_on(replace(receivable(100, 0), cancelled_on=DUE, cancellation_reason="twice"), DUE)
    assert cancelled.status == "cancelled"
    assert revised(cancelled, {"number": "1"}, DUE) == cancelled
    with pytest.raises(Conflict, match="receivable_cancelled"):
        revised(cancelled, {"number": "2"}, DUE)
