"""PURE: which receivables a payment settles, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.ledger.model import AllocationPolicy, OpenItem
from domain.ledger.rules.splitting import split_by_weights


@dataclass(frozen=True, slots=True)
class Share:
    """What one receivable gets of a payment."""

    receivable_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Named:
    """A receivable the payer named; without an amount it takes as much as is open."""

    receivable_id: str
    amount: Decimal | None


def allocate_by_policy(policy: AllocationPolicy, amount: Money, items: Iterable[OpenItem]) -> list[Share]:
    """What each open item gets of `amount` when the payer names none."""
    match policy:
        case "oldest_due_first":
            return allocate_oldest_first(amount.amount, items)
        case "largest_first":
            return allocate_largest_first(amount.amount, items)
        case "pro_rata":
            return allocate_pro_rata(amount, items)
        case _:
            assert_never(policy)


def allocate_oldest_first(amount: Decimal, items: Iterable[OpenItem]) -> list[Share]:
    """Settles what is due earliest first, among the same due date what was entered first, until the money is gone."""
    return _in_order(amount, sorted(items, key=lambda item: (item.due_on, item.receivable_id)))


def allocate_largest_first(amount: Decimal, items: Iterable[OpenItem]) -> list[Share]:
    """Settles the largest open amount first, among equals what is due earliest, until the money is gone."""
    return _in_order(amount, sorted(items, key=lambda item: (-item.open_amount, item.due_on, item.receivable_id)))


def allocate_pro_rata(amount: Money, items: Iterable[OpenItem]) -> list[Share]:
    """Gives each open item its part in proportion to what is open, to the minor unit; all of it where there is enough."""
    open_items = sorted(items, key=lambda item: (item.due_on, item.receivable_id))
    total = sum((item.open_amount for item in open_items), Decimal(0))
    if amount.amount >= total:
        return _in_order(amount.amount, open_items)
    parts = split_by_weights(amount, [item.open_amount for item in open_items])
    return [Share(i.receivable_id, part.amount) for i, part in zip(open_items, parts, strict=True) if part]


def _in_order(amount: Decimal, items: Iterable[OpenItem]) -> list[Share]:
    shares: list[Share] = []
    for item in items:
        share = min(amount, item.open_amount)
        if share <= 0:
            break
        shares.append(Share(item.receivable_id, share))
        amount -= share
    return shares


def allocate_as_named(amount: Decimal, names: Sequence[Named], open_amounts: Mapping[str, Decimal]) -> list[Share]:
    """Gives each named receivable what the payer said; stated amounts come before "as much as is open".

    `open_amounts` has the named receivables that are open. Raises InvalidInput pointing at the wish that cannot be met.
    """
    _check_names(names, open_amounts)
    left = amount - _stated(amount, names)
    shares: list[Share] = []
    for name in names:
        share = name.amount
        if share is None:
            share = min(left, open_amounts[name.receivable_id])
            left -= share
        if share > 0:
            shares.append(Share(name.receivable_id, share))
    return shares


def _check_names(names: Sequence[Named], open_amounts: Mapping[str, Decimal]) -> None:
    seen: set[str] = set()
    for n, name in enumerate(names):
        if name.receivable_id in seen:
            raise InvalidInput.at(f"/allocations/{n}", "receivable_named_twice", "Each receivable is named once.")
        seen.add(name.receivable_id)
        if name.receivable_id not in open_amounts:
            raise InvalidInput.at(f"/allocations/{n}", "receivable_already_paid", "Nothing of this receivable is open.")
        if name.amount is not None and name.amount <= 0:
            raise InvalidInput.at(f"/allocations/{n}/amount", "amount_not_positive", "The amount is more than zero.")
        if name.amount is not None and name.amount > open_amounts[name.receivable_id]:
            raise InvalidInput.at(
                f"/allocations/{n}/amount",
                "allocation_exceeds_open_amount",
                f"Only {open_amounts[name.receivable_id]} of this receivable is open.",
            )


def _stated(amount: Decimal, names: Sequence[Named]) -> Decimal:
    total = Decimal(0)
    for n, name in enumerate(names):
        total += name.amount or 0
        if total > amount:
            raise InvalidInput.at(
                f"/allocations/{n}/amount", "allocations_exceed_payment", f"The payment is only {amount}."
            )
    return total
