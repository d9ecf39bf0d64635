"""Collection activities in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.activities import NewActivity
from api.inputs.fields import given
from domain.collections import activities as uses
from domain.collections import model as domain
from domain.customers.customers import customers_by_ids

RecordActivityInput = input_type(NewActivity, "RecordActivityInput")


@graph_type(domain.Activity)
class Activity:
    """Something that happened with a customer."""

    @strawberry.field(graphql_type=Customer, description="With whom it happened.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)


@strawberry.type
class ActivityQuery:
    """Reading activities."""

    @door(uses.get_activity, Activity)
    async def activity(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One activity."""
        return await uses.get_activity(info.context.tenant, id)

    @door(uses.list_activities, Connection[Activity])
    async def activities(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        receivable_id: strawberry.ID | None = None,
    ) -> Any:
        """Activities in the order of recording, those that match every given filter."""
        name = f"activities:{customer_id}:{receivable_id}"
        request = page_request(first, after, name)
        page = await uses.list_activities(
            info.context.tenant, request, customer_id=customer_id, receivable_id=receivable_id
        )
        return connection(page, name, after)


@strawberry.type
class ActivityMutation:
    """Recording activities."""

    @door(uses.record_activity, Activity)
    async def record_activity(self, info: GraphInfo, input: RecordActivityInput) -> Any:
        """Record a call, visit, letter, message or note."""
        return await uses.record_activity(info.context.tenant, **given(from_input(NewActivity, input)))


NODES = {"act": uses.get_activity}
QUERIES = ActivityQuery
MUTATIONS = ActivityMutation
