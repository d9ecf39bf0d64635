"""Money: an exact decimal amount that never travels without its ISO 4217 currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal
from functools import cache

from iso4217 import Currency

from domain.kernel.errors import InvalidInput

# 15 digits before the point: the largest amount that every counterpart (JSON readers, ledgers, banks) keeps exact.
LARGEST = Decimal(10) ** 15
# Sums of many amounts, at any exchange rate, have more digits than the default context keeps.
WIDE = Context(prec=100)
_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?", re.ASCII)
# Units without an exponent (gold, SDR, test codes) are in ISO 4217 but nobody invoices in them.
_DIGITS = {unit.code: unit.exponent for unit in Currency if unit.exponent is not None}


@cache
def quantum_of(currency: str) -> Decimal:
    """The smallest unit of a currency, e.g. `Decimal("0.01")` for CNY; raises InvalidInput if it is unknown."""
    digits = _DIGITS.get(currency)
    if digits is None:
        raise InvalidInput.at("/currency", "unknown_currency", f"{currency!r} is not an ISO 4217 currency.")
    return Decimal(1).scaleb(-digits)


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 alphabetic code that has minor-unit digits."""
    return code in _DIGITS


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with exactly its currency's digits.

    >>> Money(Decimal("1299"), "CNY")
    Money(amount=Decimal('1299.00'), currency='CNY')
    >>> Money(Decimal("10"), "CNY") + Money(Decimal("0.5"), "CNY")
    Money(amount=Decimal('10.50'), currency='CNY')
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        quantum = quantum_of(self.currency)
        if not self.amount.is_finite() or abs(self.amount) >= LARGEST:
            raise InvalidInput.at("/amount", "amount_out_of_range", "An amount has at most 15 digits before the point.")
        exact = self.amount.quantize(quantum, ROUND_DOWN)
        if exact != self.amount:
            raise InvalidInput.at(
                "/amount", "too_many_digits", f"{self.currency} has {-int(quantum.as_tuple().exponent)} decimal digits."
            )
        object.__setattr__(self, "amount", exact)

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """From the API's form, a plain decimal string; raises InvalidInput for anything else."""
        if not _AMOUNT.fullmatch(amount):
            raise InvalidInput.at(
                "/amount", "malformed_amount", 'An amount is a decimal string such as "1299.00", at most 15 digits.'
            )
        return cls(Decimal(amount), currency)

    @staticmethod
    def zero(currency: str) -> Money:
        """Nothing, in `currency`."""
        return _zero(currency)

    @classmethod
    def total(cls, amount: Decimal, currency: str) -> Money:
        """A sum over many amounts, which may be larger than any single one can be.

        >>> Money.total(Decimal(3) * 10**15, "CNY").amount
        Decimal('3000000000000000.00')
        """
        made = object.__new__(cls)
        object.__setattr__(made, "amount", amount.quantize(quantum_of(currency), context=WIDE))
        object.__setattr__(made, "currency", currency)
        return made

    def __add__(self, other: Money) -> Money:
        return _exact(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return _exact(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return _exact(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise InvalidInput.at(
                "/currency", "currency_mismatch", f"{self.currency} and {other.currency} cannot be mixed."
            )
        return other.amount


def _exact(amount: Decimal, currency: str) -> Money:
    """What adding and negating come to: the digits are the currency's already, only the size can be wrong."""
    if not -LARGEST < amount < LARGEST:
        return Money(amount, currency)
    made = object.__new__(Money)
    object.__setattr__(made, "amount", amount)
    object.__setattr__(made, "currency", currency)
    return made


@cache
def _zero(currency: str) -> Money:
    return Money(Decimal(0), currency)
