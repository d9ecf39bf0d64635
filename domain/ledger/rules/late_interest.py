"""PURE: late interest: simple interest on what is open, day by day, rounded once at the end.

    interest = round_once( sum over segments of open amount x rate x time )

A segment is a run of days on which neither the open amount nor the rate changes. The first interest day is the day after due (plus
grace); the last is the day asked about. Sources: domain-rules.md 2.3; Directive 2011/7/EU art. 2(5), 3(2); SI 2002/1675 art. 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Literal

from domain.kernel.money import Money, quantum_of
from domain.ledger.rules.day_count import DayCount, year_fraction

RatePeriod = Literal["day", "year"]
RateFixing = Literal["at_start", "floating"]
Rounding = Literal["half_up", "half_even"]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """A published reference rate a year (0.0215 is 2.15 %) and the first day on which it holds."""

    from_on: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRule:
    """How late interest accrues.

    `rate` is a day's or a year's (0.001 a day is 0.1 % a day). With `base_rates` it is the spread on top of the reference rate, which is
    fixed on the first interest day (`at_start`) or follows its changes (`floating`). `cap_rate` bounds the sum as a rate of the first open
    amount; what stays below `minimum` (in the currency's units) is not charged; `max_days` ends the accrual.
    """

    rate: Decimal
    rate_period: RatePeriod
    day_count: DayCount = "ACT/365F"
    base_rates: tuple[BaseRate, ...] = ()
    rate_fixing: RateFixing = "at_start"
    grace_days: int = 0
    max_days: int | None = None
    cap_rate: Decimal | None = None
    minimum: Decimal = Decimal(0)
    rounding: Rounding = "half_up"


@dataclass(frozen=True, slots=True)
class Balance:
    """What was open from the end of `from_on` on: a payment valued on a day counts from the day after."""

    from_on: date
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of interest days, both ends included, with one open amount and one rate."""

    first_on: date
    last_on: date
    open_amount: Decimal
    rate: Decimal
    interest: Fraction


@dataclass(frozen=True, slots=True)
class Accrual:
    """Interest up to a day, and how it came about."""

    interest: Money
    segments: tuple[Segment, ...]


def accrue(rule: InterestRule, due_on: date, balances: Sequence[Balance], as_of: date, currency: str) -> Accrual:
    """The interest of the days after `due_on` up to and with `as_of`; `balances` are in the order of their days.

    >>> thousandth = InterestRule(rate=Decimal("0.001"), rate_period="day")
    >>> owed = [Balance(date(2026, 1, 1), Decimal(10000)), Balance(date(2026, 2, 10), Decimal(4000))]
    >>> accrue(thousandth, date(2026, 1, 31), owed, date(2026, 2, 20), "CNY").interest.amount
    Decimal('140.00')
    """
    first_on = due_on + timedelta(days=1 + rule.grace_days)
    last_on = as_of if rule.max_days is None else min(as_of, first_on + timedelta(days=rule.max_days - 1))
    segments = tuple(_segments(rule, first_on, last_on, balances))
    exact = sum((segment.interest for segment in segments), Fraction(0))
    if rule.cap_rate is not None and segments:
        exact = min(exact, Fraction(segments[0].open_amount) * Fraction(rule.cap_rate))
    interest = _rounded(exact, currency, rule.rounding)
    if interest.amount < rule.minimum:
        interest = Money.zero(currency)
    return Accrual(interest, segments)


def annualised(rule: InterestRule) -> Decimal:
    """The rate a year without its reference rate, to compare with legal yardsticks: 0.1 % a day is 36.5 %.

    >>> annualised(InterestRule(rate=Decimal("0.001"), rate_period="day"))
    Decimal('0.365')
    """
    return rule.rate * 365 if rule.rate_period == "day" else rule.rate


def _segments(rule: InterestRule, first_on: date, last_on: date, balances: Sequence[Balance]) -> Iterator[Segment]:
    turns = {first_on, last_on + _DAY}
    turns |= {balance.from_on + _DAY for balance in balances}
    if rule.rate_fixing == "floating":
        turns |= {base.from_on for base in rule.base_rates}
    days = sorted(day for day in turns if first_on <= day <= last_on + _DAY)
    for start, following in pairwise(days):
        open_amount = _open_on(balances, start)
        if open_amount > 0:
            rate = rule.rate + _base_on(rule.base_rates, first_on if rule.rate_fixing == "at_start" else start)
            interest = Fraction(open_amount) * Fraction(rate) * _time(rule, start, following)
            yield Segment(start, following - _DAY, open_amount, rate, interest)


def _time(rule: InterestRule, start: date, following: date) -> Fraction:
    if rule.rate_period == "day":
        return Fraction((following - start).days)
    return year_fraction(start, following, rule.day_count)


def _open_on(balances: Sequence[Balance], day: date) -> Decimal:
    held = [balance.open_amount for balance in balances if balance.from_on < day]
    return held[-1] if held else Decimal(0)


def _base_on(rates: Sequence[BaseRate], day: date) -> Decimal:
    held = [base.rate for base in sorted(rates, key=lambda base: base.from_on) if base.from_on <= day]
    return held[-1] if held else Decimal(0)


def _rounded(exact: Fraction, currency: str, rounding: Rounding) -> Money:
    """To the minor unit, from the exact sum: no digit is lost before."""
    quantum = quantum_of(currency)
    units = exact / Fraction(quantum)
    return Money(quantum * (round(units) if rounding == "half_even" else floor(units + Fraction(1, 2))), currency)
