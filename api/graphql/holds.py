"""Holds in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given, validated
from api.inputs.holds import HoldPatch, HoldQuery, NewHold
from domain.collections import hold_model as domain
from domain.collections import holds as uses
from domain.customers.customers import customers_by_ids

PlaceHoldInput = input_type(NewHold, "PlaceHoldInput")
UpdateHoldInput = input_type(HoldPatch, "UpdateHoldInput")


@graph_type(domain.Hold)
class Hold:
    """A receivable, or all a customer owes, is not reminded of for a while."""

    @strawberry.field(graphql_type=Customer, description="Whose debt it is.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)


@strawberry.type
class HoldQueries:
    """Reading holds."""

    @door(uses.get_hold, Hold)
    async def hold(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One hold."""
        return await uses.get_hold(info.context.tenant, id)

    @door(uses.list_holds, Connection[Hold])
    async def holds(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        receivable_id: strawberry.ID | None = None,
        reason: str | None = None,
        state: str | None = None,
    ) -> Any:
        """Holds, oldest first, those that match every given filter."""
        name = f"holds:{customer_id}:{receivable_id}:{reason}:{state}"
        told = validated(HoldQuery, {"reason": reason, "state": state})
        page = await uses.list_holds(
            info.context.tenant,
            page_request(first, after, name),
            customer_id=customer_id,
            receivable_id=receivable_id,
            reason=told.reason,
            state=told.state,
        )
        return connection(page, name, after)


@strawberry.type
class HoldMutation:
    """Placing, changing and releasing holds."""

    @door(uses.place_hold, Hold)
    async def place_hold(self, info: GraphInfo, input: PlaceHoldInput) -> Any:
        """Stop reminding of a receivable, or of all a customer owes, for a while; nothing is skipped."""
        return await uses.place_hold(info.context.tenant, **given(from_input(NewHold, input)))

    @door(uses.update_hold, Hold)
    async def update_hold(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateHoldInput, expected_version: int | None = None
    ) -> Any:
        """Change the last day or the note of an active hold."""
        changes = given(from_input(HoldPatch, input))
        return await uses.update_hold(info.context.tenant, id, changes, expected_version=expected_version)

    @door(uses.release_hold, Hold)
    async def release_hold(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """End a hold now; what fell due meanwhile is decided at once."""
        return await uses.release_hold(info.context.tenant, id, expected_version=expected_version)


NODES = {"hld": uses.get_hold}
QUERIES = HoldQueries
MUTATIONS = HoldMutation
