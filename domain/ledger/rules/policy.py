"""PURE: what a tenant's ledger policy makes of amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money
from domain.ledger.policy_model import LedgerPolicy

AGING_BOUNDS = (30, 60, 90)
"""The buckets of a tenant that has not said otherwise: 1-30, 31-60, 61-90 days overdue, and longer."""
MOST_BOUNDS, LONGEST_BOUND = 12, 3650


def needs_approval(policy: LedgerPolicy, amount: Money) -> bool:
    """Whether a second person has to approve giving up `amount`: it is above the limit in its currency."""
    limit = amount_in(policy.approval_limits, amount.currency)
    return limit is not None and amount.amount > limit


def is_tolerable(policy: LedgerPolicy, left: Money) -> bool:
    """Whether a difference that a payment leaves is small enough to be let go."""
    tolerance = amount_in(policy.tolerances, left.currency)
    return tolerance is not None and 0 < left.amount <= tolerance


def amount_in(amounts: Sequence[Money], currency: str) -> Decimal | None:
    """The amount given in `currency`, None if there is none."""
    return next((money.amount for money in amounts if money.currency == currency), None)


def check_amounts(**lists: Sequence[Money]) -> None:
    """Raises InvalidInput naming amounts that are negative or a second one in their currency."""
    errors = tuple(error for name, amounts in lists.items() for error in _wrong(name, amounts))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)


def check_aging_bounds(bounds: Sequence[int]) -> None:
    """Raises InvalidInput unless these are 1 to 12 ascending numbers of days, from 1 to 3650."""
    if not 1 <= len(bounds) <= MOST_BOUNDS:
        raise InvalidInput.at("/aging_bounds", "bounds_out_of_range", f"There are 1 to {MOST_BOUNDS} bounds.")
    for n, (before, days) in enumerate(pairwise((0, *bounds))):
        if not before < days <= LONGEST_BOUND:
            raise InvalidInput.at(
                f"/aging_bounds/{n}", "bounds_not_ascending", f"Bounds ascend from 1 to {LONGEST_BOUND} days."
            )


def _wrong(name: str, amounts: Sequence[Money]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for n, money in enumerate(amounts):
        if money.amount < 0:
            yield FieldError(f"/{name}/{n}/amount", "amount_negative", "The amount is not negative.")
        if money.currency in seen:
            yield FieldError(f"/{name}/{n}/currency", "currency_repeated", "One amount for each currency.")
        seen.add(money.currency)
