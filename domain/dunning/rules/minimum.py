"""PURE: whether an amount is worth a notice: what is due less what the customer has paid already and nobody has assigned."""

from __future__ import annotations

from collections.abc import Iterable

from domain.kernel.money import Money

BELOW_MINIMUM = "below_minimum_amount"


def dunnable(due: Iterable[Money], unapplied: Money) -> Money:
    """Overdue debits less the unapplied credit of the same currency; never less than nothing."""
    zero = Money.zero(unapplied.currency)
    total = sum((amount for amount in due if amount.currency == unapplied.currency), zero)
    return max(total - unapplied, zero)


def is_below(amount: Money, minimums: Iterable[Money]) -> bool:
    """Whether `amount` is less than the minimum of its currency; a currency without one has none."""
    return any(least.currency == amount.currency and amount < least for least in minimums)
