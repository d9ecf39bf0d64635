"""Escalations in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.cases import Case
from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import graph_type
from api.graphql.paging import Connection, connection, page_request
from domain.collections import escalations as uses
from domain.collections import model as domain
from domain.customers.customers import customers_by_ids
from domain.dunning.cases import cases_by_ids


@graph_type(domain.Escalation)
class Escalation:
    """A case has left the ordinary ladder."""

    @strawberry.field(graphql_type=Customer, description="Who owes it.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)

    @strawberry.field(graphql_type=Case, description="The case that left the ladder.")
    async def case(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(cases_by_ids, self.case_id)


@strawberry.type
class EscalationQuery:
    """Reading escalations."""

    @door(uses.get_escalation, Escalation)
    async def escalation(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One escalation."""
        return await uses.get_escalation(info.context.tenant, id)

    @door(uses.list_escalations, Connection[Escalation])
    async def escalations(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        receivable_id: strawberry.ID | None = None,
        case_id: strawberry.ID | None = None,
    ) -> Any:
        """Escalations in the order in which they were raised, those that match every given filter."""
        name = f"escalations:{customer_id}:{receivable_id}:{case_id}"
        page = await uses.list_escalations(
            info.context.tenant,
            page_request(first, after, name),
            customer_id=customer_id,
            receivable_id=receivable_id,
            case_id=case_id,
        )
        return connection(page, name, after)


NODES = {"esc": uses.get_escalation}
QUERIES = EscalationQuery
MUTATIONS = None
