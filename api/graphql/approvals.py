"""Approvals of steps in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.cases import Case
from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.approvals import ApprovalDecision, ApprovalQuery
from api.inputs.fields import given, validated
from domain.customers.customers import customers_by_ids
from domain.dunning import approvals as uses
from domain.dunning import model as domain
from domain.dunning.cases import cases_by_ids

ApprovalDecisionInput = input_type(ApprovalDecision, "ApprovalDecisionInput")


@graph_type(domain.Approval)
class Approval:
    """A step of a case that fell due and that somebody has to approve."""

    @strawberry.field(graphql_type=Case, description="The case that waits for it.")
    async def case(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(cases_by_ids, self.case_id)

    @strawberry.field(graphql_type=Customer, description="Who owes it.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)


@strawberry.type
class ApprovalQueries:
    """Reading approvals."""

    @door(uses.get_approval, Approval)
    async def approval(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One approval."""
        return await uses.get_approval(info.context.tenant, id)

    @door(uses.list_approvals, Connection[Approval])
    async def approvals(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
        case_id: strawberry.ID | None = None,
        customer_id: strawberry.ID | None = None,
    ) -> Any:
        """The steps that somebody has to approve, or has, the oldest first."""
        name = f"approvals:{state}:{case_id}:{customer_id}"
        page = await uses.list_approvals(
            info.context.tenant,
            page_request(first, after, name),
            state=validated(ApprovalQuery, {"state": state}).state,
            case_id=case_id,
            customer_id=customer_id,
        )
        return connection(page, name, after)


@strawberry.type
class ApprovalMutation:
    """Deciding."""

    @door(uses.approve_step, Approval)
    async def approve_step(
        self,
        info: GraphInfo,
        id: strawberry.ID,
        input: ApprovalDecisionInput | None = None,
        expected_version: int | None = None,
    ) -> Any:
        """Let the step be carried out, by the facts as they are now."""
        told = given(from_input(ApprovalDecision, input)) if input else {}
        return await uses.approve_step(info.context.tenant, id, **told, expected_version=expected_version)

    @door(uses.reject_step, Approval)
    async def reject_step(
        self,
        info: GraphInfo,
        id: strawberry.ID,
        input: ApprovalDecisionInput | None = None,
        expected_version: int | None = None,
    ) -> Any:
        """Have the step left out; the case goes on."""
        told = given(from_input(ApprovalDecision, input)) if input else {}
        return await uses.reject_step(info.context.tenant, id, **told, expected_version=expected_version)


NODES = {"apr": uses.get_approval}
QUERIES = ApprovalQueries
MUTATIONS = ApprovalMutation
