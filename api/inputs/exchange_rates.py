"""What a client may say of exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from domain.ledger.rules.exchange import LONGEST_SOURCE, MOST_RATES, Quote

Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Rate = Annotated[str, msgspec.Meta(max_length=24, pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?$")]
Source = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_SOURCE)]


class NewExchangeRate(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One unit of `from_currency` is worth `rate`, a decimal string, of `to_currency` on a day, says `source`."""

    from_currency: Currency
    to_currency: Currency
    rate: Rate
    valid_on: date
    source: Source


class ExchangeRateBatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Rates to be recorded, all or none."""

    rates: Annotated[list[NewExchangeRate], msgspec.Meta(min_length=1, max_length=MOST_RATES)]


class ExchangeRateQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a list of rates is narrowed."""

    from_currency: Currency | None = None
    to_currency: Currency | None = None
    valid_on: date | None = None
    source: Source | None = None


def quotes_of(data: ExchangeRateBatch) -> list[Quote]:
    """The argument of the use case."""
    return [Quote(r.from_currency, r.to_currency, Decimal(r.rate), r.valid_on, r.source) for r in data.rates]
