"""What is told of exchange rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """One unit of `from_currency` was worth `rate` (a decimal string) of `to_currency` on `valid_on`, says `source`.

    `version` counts corrections; the event `exchange_rates.recorded` tells what a rate was before.
    """

    from_currency: str
    to_currency: str
    rate: str
    valid_on: date
    source: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedRate:
    """Another rate than the one that had been told for the same currencies, day and source."""

    from_currency: str
    to_currency: str
    valid_on: date
    source: str
    rate: str
    previous_rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRates:
    """What became of a batch of rates."""

    created_count: int
    unchanged_count: int
    corrected: list[CorrectedRate]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRateFilter:
    """Which rates to list; None does not filter."""

    from_currency: str | None = None
    to_currency: str | None = None
    valid_on: date | None = None
    source: str | None = None
