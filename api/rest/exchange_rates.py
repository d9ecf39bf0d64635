"""/v1/exchange-rates."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, put
from litestar.params import JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.exchange_rates import ExchangeRateBatch, quotes_of
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, listing, page_request
from domain.ledger import exchange_rates
from domain.ledger.exchange_model import ExchangeRate, ExchangeRateFilter, RecordedRates
from domain.ledger.rules.exchange import LONGEST_SOURCE

FromCurrency = Annotated[str | None, QueryParameter(pattern="^[A-Z]{3}$", description="Only rates of this currency.")]
ToCurrency = Annotated[str | None, QueryParameter(pattern="^[A-Z]{3}$", description="Only rates in this currency.")]
ValidOn = Annotated[date | None, QueryParameter(description="Only rates of this day.")]
FromSource = Annotated[
    str | None, QueryParameter(min_length=1, max_length=LONGEST_SOURCE, description="Only what this source says.")
]


@put("/exchange-rates", use_case=exchange_rates.put_exchange_rates, operation_id="PutExchangeRates")
async def put_exchange_rates(request: Request[Any, Any, Any], data: JSONBody[ExchangeRateBatch]) -> RecordedRates:
    """Record up to 1,000 rates, all or none; another rate for the same currencies, day and source corrects it."""
    return await exchange_rates.put_exchange_rates(tenant_context(request), quotes_of(data))


@get("/exchange-rates", use_case=exchange_rates.list_exchange_rates, operation_id="ListExchangeRates")
async def list_exchange_rates(
    request: Request[Any, Any, Any],
    from_currency: FromCurrency = None,
    to_currency: ToCurrency = None,
    valid_on: ValidOn = None,
    source: FromSource = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[ExchangeRate]]:
    """List rates, the newest day first, those that match every given filter."""
    wanted = ExchangeRateFilter(from_currency=from_currency, to_currency=to_currency, valid_on=valid_on, source=source)
    page = page_request(request, limit, cursor)
    return listing(request, await exchange_rates.list_exchange_rates(tenant_context(request), page, wanted=wanted))


ROUTES = [put_exchange_rates, list_exchange_rates]
