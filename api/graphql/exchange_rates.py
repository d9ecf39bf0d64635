"""Exchange rates in GraphQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.exchange_rates import ExchangeRateBatch, ExchangeRateQuery, quotes_of
from api.inputs.fields import given, validated
from domain.ledger import exchange_model as domain
from domain.ledger import exchange_rates as uses

PutExchangeRatesInput = input_type(ExchangeRateBatch, "PutExchangeRatesInput")


@graph_type(domain.ExchangeRate)
class ExchangeRate:
    """What one unit of a currency was worth in another on a day, and who says so."""


@graph_type(domain.CorrectedRate)
class CorrectedRate:
    """Another rate than the one that had been told."""


@graph_type(domain.RecordedRates)
class RecordedRates:
    """What became of a batch of rates."""


@strawberry.type
class ExchangeRateQueries:
    """Reading exchange rates."""

    @door(uses.list_exchange_rates, Connection[ExchangeRate])
    async def exchange_rates(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        from_currency: str | None = None,
        to_currency: str | None = None,
        valid_on: date | None = None,
        source: str | None = None,
    ) -> Any:
        """Rates, the newest day first, those that match every given filter."""
        filters = {"from_currency": from_currency, "to_currency": to_currency, "valid_on": valid_on, "source": source}
        name = f"exchange_rates:{filters}"
        wanted = domain.ExchangeRateFilter(**given(validated(ExchangeRateQuery, filters)))
        page = await uses.list_exchange_rates(info.context.tenant, page_request(first, after, name), wanted=wanted)
        return connection(page, name, after, uses.key_of)


@strawberry.type
class ExchangeRateMutation:
    """Telling exchange rates."""

    @door(uses.put_exchange_rates, RecordedRates)
    async def put_exchange_rates(self, info: GraphInfo, input: PutExchangeRatesInput) -> Any:
        """Record up to 1,000 rates, all or none; another rate for the same currencies, day and source corrects it."""
        return await uses.put_exchange_rates(info.context.tenant, quotes_of(from_input(ExchangeRateBatch, input)))


NODES: dict[str, Any] = {}
QUERIES = ExchangeRateQueries
MUTATIONS = ExchangeRateMutation
