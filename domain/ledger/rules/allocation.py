"""PURE: which receivables a payment settles, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.kernel.errors import InvalidInput
from domain.ledger.model import OpenItem


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


def allocate_oldest_first(amount: Decimal, items: Iterable[OpenItem]) -> list[Share]:
    """Settles what is due earliest first, among the same due date what was entered first, until the money is gone."""
    shares: list[Share] = []
    for item in sorted(items, key=lambda item: (item.due_on, item.receivable_id)):
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
