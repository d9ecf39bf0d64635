"""PURE: a whole into parts that add up to it again, to the last minor unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from domain.kernel.money import Money, quantum_of


def split_by_weights(whole: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Parts in proportion to `weights` (not negative, not all zero), by the largest remainder method.

    Each part is rounded down to the currency's minor unit; the units left over go, one each, to the parts that lost most by it,
    the earlier part first. Source: Hare-Niemeyer. Raises ValueError for weights that split nothing.

    >>> [str(part.amount) for part in split_by_weights(Money(Decimal(100), "CNY"), [Decimal(1)] * 3)]
    ['33.34', '33.33', '33.33']
    >>> [str(part.amount) for part in split_by_weights(Money(Decimal(100), "JPY"), [Decimal(1)] * 3)]
    ['34', '33', '33']
    """
    total = sum(weights)
    if not total or min(weights) < 0:
        raise ValueError("weights are not negative and not all zero")
    quantum = quantum_of(whole.currency)
    sign = -1 if whole.amount < 0 else 1
    units = int(abs(whole.amount) / quantum)
    exact = [Fraction(units) * Fraction(weight) / Fraction(total) for weight in weights]
    floors = [share.numerator // share.denominator for share in exact]
    by_loss = sorted(range(len(exact)), key=lambda n: (floors[n] - exact[n], n))
    for n in by_loss[: units - sum(floors)]:
        floors[n] += 1
    return [Money(sign * quantum * floor, whole.currency) for floor in floors]
