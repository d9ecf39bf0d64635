"""Disputes in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.disputes import DisputePatch, DisputeQuery, DisputeResolution, NewDispute, opened, resolved
from api.inputs.fields import given, validated
from domain.customers import customers as customer_uses
from domain.ledger import dispute_model as domain
from domain.ledger import disputes as uses

OpenDisputeInput = input_type(NewDispute, "OpenDisputeInput")
UpdateDisputeInput = input_type(DisputePatch, "UpdateDisputeInput")
ResolveDisputeInput = input_type(DisputeResolution, "ResolveDisputeInput")


@graph_type(domain.Dispute)
class Dispute:
    """The customer contests an amount; only that amount leaves dunning."""

    @strawberry.field(graphql_type=Customer, description="Who contests it.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customer_uses.customers_by_ids, self.customer_id)


@strawberry.type
class DisputeQueries:
    """Reading disputes."""

    @door(uses.get_dispute, Dispute)
    async def dispute(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One dispute."""
        return await uses.get_dispute(info.context.tenant, id)

    @door(uses.list_disputes, Connection[Dispute])
    async def disputes(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        receivable_id: strawberry.ID | None = None,
        customer_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Disputes, oldest first, those that match every given filter."""
        name = f"disputes:{receivable_id}:{customer_id}:{state}"
        page = await uses.list_disputes(
            info.context.tenant,
            page_request(first, after, name),
            receivable_id=receivable_id,
            customer_id=customer_id,
            state=validated(DisputeQuery, {"state": state}).state,
        )
        return connection(page, name, after)


@strawberry.type
class DisputeMutation:
    """Opening, changing and resolving disputes."""

    @door(uses.open_dispute, Dispute)
    async def open_dispute(self, info: GraphInfo, receivable_id: strawberry.ID, input: OpenDisputeInput) -> Any:
        """The customer contests an amount; only that amount leaves dunning."""
        told = opened(from_input(NewDispute, input))
        return await uses.open_dispute(info.context.tenant, receivable_id, **told)

    @door(uses.update_dispute, Dispute)
    async def update_dispute(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateDisputeInput, expected_version: int | None = None
    ) -> Any:
        """Say who looks after an unresolved dispute, and that it is being investigated."""
        changes = given(from_input(DisputePatch, input))
        return await uses.update_dispute(info.context.tenant, id, changes, expected_version=expected_version)

    @door(uses.resolve_dispute, Dispute)
    async def resolve_dispute(
        self, info: GraphInfo, id: strawberry.ID, input: ResolveDisputeInput, expected_version: int | None = None
    ) -> Any:
        """End a dispute; what was accepted may be credited at once, which needs credit_notes:write too."""
        told = resolved(from_input(DisputeResolution, input))
        return await uses.resolve_dispute(info.context.tenant, id, **told, expected_version=expected_version)


NODES = {"dsp": uses.get_dispute}
QUERIES = DisputeQueries
MUTATIONS = DisputeMutation
