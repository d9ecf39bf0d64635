"""Allocation as pure arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.ledger.model import AllocationPolicy, OpenItem
from domain.ledger.rules.allocation import Named, Share, allocate_as_named, allocate_by_policy, allocate_oldest_first

cents = st.integers(min_value=1, max_value=10**9).map(lambda n: Decimal(n).scaleb(-2))
days = st.integers(min_value=0, max_value=60).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


@st.composite
def open_items(draw: st.DrawFn) -> list[OpenItem]:
    drawn = draw(st.lists(st.tuples(cents, days), max_size=12))
    return [OpenItem(f"rcv_{n}", amount, day) for n, (amount, day) in enumerate(drawn)]


@given(amount=cents, items=open_items())
def test_what_is_allocated_is_the_smaller_of_money_and_debt(amount: Decimal, items: list[OpenItem]) -> None:
    total = sum((share.amount for share in allocate_oldest_first(amount, items)), Decimal(0))
    assert total == min(amount, sum((item.open_amount for item in items), Decimal(0)))


@given(amount=cents, items=open_items())
def test_no_share_is_empty_or_more_than_is_open(amount: Decimal, items: list[OpenItem]) -> None:
    open_amounts = {item.receivable_id: item.open_amount for item in items}
    shares = allocate_oldest_first(amount, items)
    assert all(0 < share.amount <= open_amounts[share.receivable_id] for share in shares)
    assert len({share.receivable_id for share in shares}) == len(shares)


@given(amount=cents, items=open_items())
def test_nothing_younger_gets_money_before_everything_older_is_settled(amount: Decimal, items: list[OpenItem]) -> None:
    order = sorted(items, key=lambda item: (item.due_on, item.receivable_id))
    shares = {share.receivable_id: share.amount for share in allocate_oldest_first(amount, items)}
    left = [item.open_amount - shares.get(item.receivable_id, Decimal(0)) for item in order]
    touched = [item.receivable_id in shares for item in order]
    for n in range(1, len(order)):
        assert not touched[n] or left[n - 1] == 0


@given(amount=cents, items=open_items(), data=st.data())
def test_named_shares_never_exceed_the_payment_or_what_is_open(
    amount: Decimal, items: list[OpenItem], data: st.DataObject
) -> None:
    names = [
        Named(item.receivable_id, data.draw(st.none() | cents))
        for item in items
        if data.draw(st.booleans(), label="named")
    ]
    open_amounts = {item.receivable_id: item.open_amount for item in items}
    stated = sum((name.amount or Decimal(0) for name in names), Decimal(0))
    too_much = any(name.amount and name.amount > open_amounts[name.receivable_id] for name in names)
    if too_much or stated > amount:
        with pytest.raises(InvalidInput):
            allocate_as_named(amount, names, open_amounts)
        return
    shares = allocate_as_named(amount, names, open_amounts)
    assert sum((share.amount for share in shares), Decimal(0)) <= amount
    assert all(0 < share.amount <= open_amounts[share.receivable_id] for share in shares)
    given_out = {share.receivable_id: share.amount for share in shares}
    assert all(given_out[name.receivable_id] == name.amount for name in names if name.amount is not None)


def test_stated_amounts_come_before_as_much_as_is_open() -> None:
    names = [Named("a", None), Named("b", Decimal(40))]
    shares = allocate_as_named(Decimal(100), names, {"a": Decimal(90), "b": Decimal(90)})
    assert shares == [Share("a", Decimal(60)), Share("b", Decimal(40))]


@pytest.mark.parametrize(
    ("names", "pointer", "code"),
    [
        ([Named("a", None), Named("a", None)], "/allocations/1", "receivable_named_twice"),
        ([Named("closed", None)], "/allocations/0", "receivable_already_paid"),
        ([Named("a", Decimal(0))], "/allocations/0/amount", "amount_not_positive"),
        ([Named("a", Decimal(11))], "/allocations/0/amount", "allocation_exceeds_open_amount"),
        ([Named("a", Decimal(8)), Named("b", Decimal(8))], "/allocations/1/amount", "allocations_exceed_payment"),
    ],
)
def test_a_wish_that_cannot_be_met_is_pointed_at(names: list[Named], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        allocate_as_named(Decimal(15), names, {"a": Decimal(10), "b": Decimal(10)})
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


POLICIES: list[AllocationPolicy] = ["oldest_due_first", "largest_first", "pro_rata"]


@given(amount=cents, items=open_items(), policy=st.sampled_from(POLICIES))
def test_every_policy_uses_all_that_can_be_used_and_never_too_much(
    amount: Decimal, items: list[OpenItem], policy: AllocationPolicy
) -> None:
    open_amounts = {item.receivable_id: item.open_amount for item in items}
    shares = allocate_by_policy(policy, Money(amount, "CNY"), items)
    assert sum((share.amount for share in shares), Decimal(0)) == min(amount, sum(open_amounts.values(), Decimal(0)))
    assert all(0 < share.amount <= open_amounts[share.receivable_id] for share in shares)
    assert len({share.receivable_id for share in shares}) == len(shares)


@pytest.mark.parametrize(
    ("policy", "shares"),
    [
        ("oldest_due_first", [("rcv_a", "100"), ("rcv_b", "50")]),
        ("largest_first", [("rcv_c", "150")]),
        ("pro_rata", [("rcv_a", "25.00"), ("rcv_b", "50.00"), ("rcv_c", "75.00")]),
    ],
)
def test_policies_differ_in_who_gets_it(policy: AllocationPolicy, shares: list[tuple[str, str]]) -> None:
    items = [
        OpenItem("rcv_a", Decimal(100), date(2026, 1, 1)),
        OpenItem("rcv_b", Decimal(200), date(2026, 1, 2)),
        OpenItem("rcv_c", Decimal(300), date(2026, 1, 3)),
    ]
    assert allocate_by_policy(policy, Money(Decimal(150), "CNY"), items) == [
        Share(receivable, Decimal(amount)) for receivable, amount in shares
    ]
