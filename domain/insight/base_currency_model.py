"""What is told of an aging in the tenant's base currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.customers.model import Grade
from domain.insight.model import Aging
from domain.kernel.money import Money

BaseAgingGroup = Literal["tenant", "customer", "owner", "grade", "contract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuote:
    """A rate as it was told: one unit of `from_currency` for `rate` of `to_currency`, which a conversion may use the other way round."""

    from_currency: str
    to_currency: str
    rate: str
    valid_on: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedRate:
    """What one unit was worth in the base currency, to 16 significant digits; amounts are computed with the exact quotient.

    `quotes` are the way there: one, two over a common currency, or none for the base currency itself.
    """

    rate: str
    quotes: list[RateQuote]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyAging:
    """One currency's own amounts, and what is open of them in the base currency; without a rate both are None."""

    own: Aging
    used_rate: UsedRate | None
    converted_open_amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRate:
    """A currency whose amounts could not be converted: `rate_missing` is no rate, or none that is new enough."""

    currency: str
    code: Literal["rate_missing"]
    open_amount: Money
    unapplied_amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseCurrencyBucket:
    """What is `days_from` to `days_to` days overdue, both included; without `days_to` there is no end."""

    days_from: int
    days_to: int | None
    amount: Money | None
    receivable_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseCurrencyAging:
    """What one group owes at the end of `as_of`, in the tenant's base currency with the rates of that day.

    Each figure is the exact sum over all currencies, rounded once, so buckets may differ from their total by a smallest unit each.
    A figure that a currency in `missing_rates` has a part in is None: it is not known, and what is known is in `by_currency`.
    """

    as_of: date
    customer_id: str | None
    owner_id: str | None
    grade: Grade | None
    contract_reference: str | None
    base_currency: str
    current_amount: Money | None
    buckets: list[BaseCurrencyBucket]
    open_amount: Money | None
    unapplied_amount: Money | None
    disputed_amount: Money | None
    receivable_count: int
    by_currency: list[CurrencyAging]
    missing_rates: list[MissingRate]
    rate_max_age_days: int
