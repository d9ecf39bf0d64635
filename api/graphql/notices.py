"""Notices and their deliveries in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import graph_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.fields import validated
from api.inputs.notices import NoticeQuery
from domain.customers.customers import customers_by_ids
from domain.ledger.receivables import receivables_by_ids
from domain.messaging import model as domain
from domain.messaging import notices as uses


@graph_type(domain.Delivery)
class Delivery:
    """One attempt to send a notice."""


@graph_type(domain.NoticeReceivable)
class NoticeReceivable:
    """One of several receivables that a notice names, as it was then."""


@graph_type(domain.Notice)
class Notice:
    """The rendered message of a step, and what became of it."""

    @strawberry.field(graphql_type=Customer, description="Who was reminded.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)

    @strawberry.field(graphql_type=Receivable, description="Of what.")
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(receivables_by_ids, self.receivable_id)


@strawberry.type
class NoticeQueries:
    """Reading notices."""

    @door(uses.get_notice, Notice)
    async def notice(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One notice."""
        return await uses.get_notice(info.context.tenant, id)

    @door(uses.list_notices, Connection[Notice])
    async def notices(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        receivable_id: strawberry.ID | None = None,
        case_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Notices, oldest first, those that match every given filter."""
        name = f"notices:{customer_id}:{receivable_id}:{case_id}:{state}"
        page = await uses.list_notices(
            info.context.tenant,
            page_request(first, after, name),
            customer_id=customer_id,
            receivable_id=receivable_id,
            case_id=case_id,
            state=validated(NoticeQuery, {"state": state}).state,
        )
        return connection(page, name, after)

    @door(uses.list_deliveries, Connection[Delivery])
    async def deliveries(
        self, info: GraphInfo, notice_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """The attempts to send a notice, first to last."""
        name = f"deliveries:{notice_id}"
        page = await uses.list_deliveries(info.context.tenant, notice_id, page_request(first, after, name))
        return connection(page, name, after, lambda delivery: str(delivery.number))


NODES = {"ntc": uses.get_notice}
QUERIES = NoticeQueries
MUTATIONS = None
