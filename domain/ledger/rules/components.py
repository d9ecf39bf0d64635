"""PURE: which kind of an open amount is settled first: what is owed is principal, interest, fee and cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Component = Literal["principal", "interest", "fee", "cost"]
SettleFirst = Literal["charges", "principal"]
COMPONENTS: tuple[Component, ...] = ("principal", "interest", "fee", "cost")
# Civil Code of the People's Republic of China, article 561: expenses, then interest, then the principal obligation.
_ORDERS: dict[SettleFirst, tuple[Component, ...]] = {
    "charges": ("cost", "interest", "fee", "principal"),
    "principal": ("principal", "cost", "interest", "fee"),
}
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Parts:
    """An amount by what it is; all parts are in one currency."""

    principal: Decimal = _ZERO
    interest: Decimal = _ZERO
    fee: Decimal = _ZERO
    cost: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        """The whole amount."""
        return self.principal + self.interest + self.fee + self.cost

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            self.principal + other.principal,
            self.interest + other.interest,
            self.fee + other.fee,
            self.cost + other.cost,
        )

    def __sub__(self, other: Parts) -> Parts:
        return self + -other

    def __neg__(self) -> Parts:
        return Parts(-self.principal, -self.interest, -self.fee, -self.cost)

    def items(self) -> Iterator[tuple[Component, Decimal]]:
        """Those parts that are not zero."""
        for name in COMPONENTS:
            if part := getattr(self, name):
                yield name, part


def only(component: Component, amount: Decimal) -> Parts:
    """An amount of one kind."""
    return Parts(**{component: amount})


def settled_parts(amount: Decimal, open_parts: Parts, first: SettleFirst) -> Parts:
    """What `amount`, which is not more than is open, settles of each kind.

    >>> settled_parts(Decimal(30), Parts(principal=Decimal(100), interest=Decimal(20), cost=Decimal(5)), "charges")
    Parts(principal=Decimal('5'), interest=Decimal('20'), fee=Decimal('0'), cost=Decimal('5'))
    >>> settled_parts(Decimal(30), Parts(principal=Decimal(100), interest=Decimal(20)), "principal").principal
    Decimal('30')
    """
    parts: dict[str, Decimal] = {}
    for name in _ORDERS[first]:
        parts[name] = min(amount, getattr(open_parts, name))
        amount -= parts[name]
    if amount:
        raise ValueError("more is settled than is open")
    return Parts(**parts)
