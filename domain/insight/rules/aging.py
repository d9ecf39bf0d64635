"""PURE: buckets by days overdue, and the parts of what is open."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from domain.ledger.rules.components import COMPONENTS, Parts

_ZERO = Decimal(0)


def first_days(bounds: Sequence[int]) -> list[int]:
    """The first day overdue of each bucket after the current one.

    >>> first_days([30, 60, 90])
    [1, 31, 61, 91]
    """
    return [1, *(days + 1 for days in bounds)]


def ranges(bounds: Sequence[int]) -> list[tuple[int, int | None]]:
    """First and last day overdue of each bucket after the current one; the last one has no end.

    >>> ranges([30, 60, 90])
    [(1, 30), (31, 60), (61, 90), (91, None)]
    """
    return list(zip(first_days(bounds), [*bounds, None], strict=True))


def open_parts_of(parts: Parts) -> Parts:
    """The parts of what is open, none below zero; what was settled of a part before it was charged is taken off the others.

    >>> open_parts_of(Parts(principal=Decimal(50), interest=Decimal(-20), fee=Decimal(5)))
    Parts(principal=Decimal('30'), interest=Decimal('0'), fee=Decimal('5'), cost=Decimal('0'))
    >>> open_parts_of(Parts(principal=Decimal(10), interest=Decimal(-20)))
    Parts(principal=Decimal('0'), interest=Decimal('0'), fee=Decimal('0'), cost=Decimal('0'))
    """
    excess = -sum((min(getattr(parts, name), _ZERO) for name in COMPONENTS), _ZERO)
    left: dict[str, Decimal] = {}
    for name in COMPONENTS:
        part = max(getattr(parts, name), _ZERO)
        taken = min(part, excess)
        left[name], excess = part - taken, excess - taken
    return Parts(**left)
