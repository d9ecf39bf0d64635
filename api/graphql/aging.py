"""Aging and balances in GraphQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import graph_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.aging import AgingQuery, AgingReceivablesQuery, BaseCurrencyAgingQuery
from api.inputs.fields import given, validated
from domain.insight import aging as uses
from domain.insight import base_currency as base_uses
from domain.insight import base_currency_model as base
from domain.insight import model as domain
from domain.ledger import receivables as receivable_uses


@graph_type(domain.AgingBucket)
class AgingBucket:
    """What is so many days overdue, both included; without daysTo there is no end."""


@graph_type(domain.Aging)
class Aging:
    """What one group owes in one currency as of a day, by days overdue."""


@graph_type(base.RateQuote)
class RateQuote:
    """A rate as it was told; a conversion may use it the other way round."""


@graph_type(base.UsedRate)
class UsedRate:
    """What one unit was worth in the base currency, and the way there."""


@graph_type(base.CurrencyAging)
class CurrencyAging:
    """One currency's own amounts, and what is open of them in the base currency."""


@graph_type(base.MissingRate)
class MissingRate:
    """A currency whose amounts could not be converted."""


@graph_type(base.BaseCurrencyBucket)
class BaseCurrencyBucket:
    """What is so many days overdue, both included; without daysTo there is no end."""


@graph_type(base.BaseCurrencyAging)
class BaseCurrencyAging:
    """What one group owes as of a day in the tenant's base currency, with the rates of that day."""


@graph_type(domain.ReceivableBalance)
class ReceivableBalance:
    """What was open of a receivable at the end of a day, by what it was."""


@graph_type(domain.AgingReceivable)
class AgingReceivable:
    """One receivable as it stood at the end of a day."""

    @strawberry.field(graphql_type=Receivable, description="As it is now.")
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(receivable_uses.receivables_by_ids, self.receivable_id)


@strawberry.type
class AgingQueries:
    """Reading what is owed as of a day."""

    @door(uses.list_aging, Connection[Aging])
    async def aging(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        as_of: date | None = None,
        group_by: str = "currency",
        customer_id: strawberry.ID | None = None,
    ) -> Any:
        """What is owed by days overdue, for each group (customer, owner, grade, contract or currency) and currency, as of any day."""
        name = f"aging:{as_of}:{group_by}:{customer_id}"
        asked = validated(AgingQuery, {"group_by": group_by})
        page = await uses.list_aging(
            info.context.tenant,
            page_request(first, after, name),
            as_of=as_of,
            group_by=asked.group_by,
            customer_id=customer_id,
        )
        return connection(page, name, after, uses.key_of)

    @door(base_uses.list_base_currency_aging, Connection[BaseCurrencyAging])
    async def base_currency_aging(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        as_of: date | None = None,
        group_by: str = "tenant",
        customer_id: strawberry.ID | None = None,
    ) -> Any:
        """What is owed by days overdue in the base currency, for each group (tenant, customer, owner, grade or contract), as of any day."""
        name = f"base_currency_aging:{as_of}:{group_by}:{customer_id}"
        asked = validated(BaseCurrencyAgingQuery, {"group_by": group_by})
        page = await base_uses.list_base_currency_aging(
            info.context.tenant,
            page_request(first, after, name),
            as_of=as_of,
            group_by=asked.group_by,
            customer_id=customer_id,
        )
        return connection(page, name, after, base_uses.key_of)

    @door(uses.list_aging_receivables, Connection[AgingReceivable])
    async def aging_receivables(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        as_of: date | None = None,
        customer_id: strawberry.ID | None = None,
        owner_id: strawberry.ID | None = None,
        grade: str | None = None,
        contract_reference: str | None = None,
        currency: str | None = None,
        days_from: int | None = None,
        days_to: int | None = None,
    ) -> Any:
        """The receivables that an aging consists of, oldest first, those that match every given filter."""
        filters = {
            "customer_id": customer_id,
            "owner_id": owner_id,
            "grade": grade,
            "contract_reference": contract_reference,
            "currency": currency,
            "days_from": days_from,
            "days_to": days_to,
        }
        name = f"aging_receivables:{as_of}:{filters}"
        wanted = domain.AgingFilter(**given(validated(AgingReceivablesQuery, filters)))
        page = await uses.list_aging_receivables(
            info.context.tenant, page_request(first, after, name), as_of=as_of, wanted=wanted
        )
        return connection(page, name, after, uses.key_of)

    @door(uses.get_receivable_balance, ReceivableBalance)
    async def receivable_balance(self, info: GraphInfo, receivable_id: strawberry.ID, as_of: date | None = None) -> Any:
        """What is open of a receivable as of any day, by what it is."""
        return await uses.get_receivable_balance(info.context.tenant, receivable_id, as_of=as_of)


NODES: dict[str, Any] = {}
QUERIES = AgingQueries
MUTATIONS = None
