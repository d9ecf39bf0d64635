"""Reconciliations in GraphQL; a CSV goes to POST /v1/customers/{id}/reconciliations."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given, validated
from api.inputs.reconciliations import (
    NewReconciliation,
    ReconciliationItemPatch,
    ReconciliationItemQuery,
    ReconciliationQuery,
    listed,
)
from domain.customers import customers as customer_uses
from domain.reconciliation import model as domain
from domain.reconciliation import reconciliations as uses

CreateReconciliationInput = input_type(NewReconciliation, "CreateReconciliationInput")
UpdateReconciliationItemInput = input_type(ReconciliationItemPatch, "UpdateReconciliationItemInput")


@graph_type(domain.Reconciliation)
class Reconciliation:
    """What a customer lists as open in one currency, against what was open with us."""

    @strawberry.field(graphql_type=Customer, description="Whose list it is.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customer_uses.customers_by_ids, self.customer_id)


@graph_type(domain.ReconciliationItem)
class ReconciliationItem:
    """A line of the customer's list, a receivable of ours, or both, as they were when they were compared."""


@strawberry.type
class ReconciliationQueries:
    """Reading reconciliations."""

    @door(uses.get_reconciliation, Reconciliation)
    async def reconciliation(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One reconciliation."""
        return await uses.get_reconciliation(info.context.tenant, id)

    @door(uses.list_reconciliations, Connection[Reconciliation])
    async def reconciliations(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Reconciliations, oldest first, those that match every given filter."""
        name = f"reconciliations:{customer_id}:{state}"
        page = await uses.list_reconciliations(
            info.context.tenant,
            page_request(first, after, name),
            customer_id=customer_id,
            state=validated(ReconciliationQuery, {"state": state}).state,
        )
        return connection(page, name, after)

    @door(uses.get_reconciliation_item, ReconciliationItem)
    async def reconciliation_item(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One line of a reconciliation."""
        return await uses.get_reconciliation_item(info.context.tenant, id)

    @door(uses.list_reconciliation_items, Connection[ReconciliationItem])
    async def reconciliation_items(
        self,
        info: GraphInfo,
        reconciliation_id: strawberry.ID,
        first: int | None = None,
        after: str | None = None,
        kind: str | None = None,
        state: str | None = None,
        owner_id: strawberry.ID | None = None,
    ) -> Any:
        """What was found: the lines of the customer's list in their order, then what they do not list."""
        name = f"reconciliation_items:{reconciliation_id}:{kind}:{state}:{owner_id}"
        asked = validated(ReconciliationItemQuery, {"kind": kind, "state": state, "owner_id": owner_id})
        page = await uses.list_reconciliation_items(
            info.context.tenant,
            reconciliation_id,
            page_request(first, after, name),
            domain.ItemFilter(**given(asked)),
        )
        return connection(page, name, after, key=lambda item: str(item.position))


@strawberry.type
class ReconciliationMutation:
    """Comparing lists and following up differences."""

    @door(uses.create_reconciliation, Reconciliation)
    async def create_reconciliation(
        self, info: GraphInfo, customer_id: strawberry.ID, input: CreateReconciliationInput
    ) -> Any:
        """Have the customer's own list of open items compared with ours, line by line."""
        told = listed(from_input(NewReconciliation, input))
        return await uses.create_reconciliation(info.context.tenant, customer_id, **told)

    @door(uses.update_reconciliation_item, ReconciliationItem)
    async def update_reconciliation_item(
        self,
        info: GraphInfo,
        id: strawberry.ID,
        input: UpdateReconciliationItemInput,
        expected_version: int | None = None,
    ) -> Any:
        """Say who looks after a difference, how far it is, and how it was resolved."""
        changes = given(from_input(ReconciliationItemPatch, input))
        return await uses.update_reconciliation_item(
            info.context.tenant, id, changes, expected_version=expected_version
        )


NODES = {"rcn": uses.get_reconciliation, "rci": uses.get_reconciliation_item}
QUERIES = ReconciliationQueries
MUTATIONS = ReconciliationMutation
