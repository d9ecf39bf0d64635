"""Which reminder plan applies, in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.plan_assignments import CustomerReminderSettingsFields, NewPlanAssignment, PlanAssignmentPatch
from domain.dunning import assigning_model as domain
from domain.dunning import customer_settings, effective_plans
from domain.dunning import plan_assignments as uses

CustomerReminderSettingsInput = input_type(CustomerReminderSettingsFields, "CustomerReminderSettingsInput")
CreatePlanAssignmentInput = input_type(NewPlanAssignment, "CreatePlanAssignmentInput")
UpdatePlanAssignmentInput = input_type(PlanAssignmentPatch, "UpdatePlanAssignmentInput")


@graph_type(domain.CustomerReminderSettings)
class CustomerReminderSettings:
    """The plan of all receivables of one customer that have none of their own."""


@graph_type(domain.PlanAssignment)
class PlanAssignment:
    """A rule: customers of a segment get a plan."""


@graph_type(domain.PlanReevaluation)
class PlanReevaluation:
    """That all cases which have not acted are to get the plan that applies now."""


@graph_type(domain.WinningPlan)
class WinningPlan:
    """The plan that applies, and by what."""


@graph_type(domain.LosingPlan)
class LosingPlan:
    """A plan that might have applied, and why it does not."""


@graph_type(domain.EffectivePlan)
class EffectivePlan:
    """Which plan would apply if a case were opened now."""


@strawberry.type
class PlanAssignmentQuery:
    """Reading which plan applies."""

    @door(customer_settings.get_customer_reminder_settings, CustomerReminderSettings)
    async def customer_reminder_settings(self, info: GraphInfo, customer_id: strawberry.ID) -> Any:
        """The plan that a customer was given."""
        return await customer_settings.get_customer_reminder_settings(info.context.tenant, customer_id)

    @door(uses.get_plan_assignment, PlanAssignment)
    async def plan_assignment(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One plan assignment."""
        return await uses.get_plan_assignment(info.context.tenant, id)

    @door(uses.list_plan_assignments, Connection[PlanAssignment])
    async def plan_assignments(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Plan assignments in the order in which they are asked."""
        name = "plan_assignments"
        page = await uses.list_plan_assignments(info.context.tenant, page_request(first, after, name))
        return connection(page, name, after)

    @door(effective_plans.get_receivable_plan, EffectivePlan)
    async def receivable_effective_plan(self, info: GraphInfo, receivable_id: strawberry.ID) -> Any:
        """Which plan applies to a receivable now, by what, and why each other plan does not."""
        return await effective_plans.get_receivable_plan(info.context.tenant, receivable_id)

    @door(effective_plans.get_customer_plan, EffectivePlan)
    async def customer_effective_plan(self, info: GraphInfo, customer_id: strawberry.ID) -> Any:
        """Which plan applies now to what a customer owes and what has no plan of its own."""
        return await effective_plans.get_customer_plan(info.context.tenant, customer_id)


@strawberry.type
class PlanAssignmentMutation:
    """Saying which plan applies."""

    @door(customer_settings.put_customer_reminder_settings, CustomerReminderSettings)
    async def put_customer_reminder_settings(
        self,
        info: GraphInfo,
        customer_id: strawberry.ID,
        input: CustomerReminderSettingsInput,
        expected_version: int | None = None,
    ) -> Any:
        """Give a customer a plan; cases that have acted keep theirs."""
        told = given(from_input(CustomerReminderSettingsFields, input))
        return await customer_settings.put_customer_reminder_settings(
            info.context.tenant, customer_id, **told, expected_version=expected_version
        )

    @door(customer_settings.delete_customer_reminder_settings, strawberry.ID)
    async def delete_customer_reminder_settings(
        self, info: GraphInfo, customer_id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Remind a customer by what else applies; answers its id."""
        await customer_settings.delete_customer_reminder_settings(
            info.context.tenant, customer_id, expected_version=expected_version
        )
        return customer_id

    @door(uses.create_plan_assignment, PlanAssignment)
    async def create_plan_assignment(self, info: GraphInfo, input: CreatePlanAssignmentInput) -> Any:
        """Give the customers of a segment a plan, in cases that are opened from now on."""
        return await uses.create_plan_assignment(info.context.tenant, **given(from_input(NewPlanAssignment, input)))

    @door(uses.update_plan_assignment, PlanAssignment)
    async def update_plan_assignment(
        self, info: GraphInfo, id: strawberry.ID, input: UpdatePlanAssignmentInput, expected_version: int | None = None
    ) -> Any:
        """Change a plan assignment, for cases that are opened from now on."""
        changes = given(from_input(PlanAssignmentPatch, input))
        return await uses.update_plan_assignment(info.context.tenant, id, changes, expected_version=expected_version)

    @door(uses.delete_plan_assignment, strawberry.ID)
    async def delete_plan_assignment(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Remove a plan assignment; answers its id."""
        await uses.delete_plan_assignment(info.context.tenant, id, expected_version=expected_version)
        return id

    @door(uses.apply_plan_assignments, PlanReevaluation)
    async def apply_plan_assignments(self, info: GraphInfo) -> Any:
        """Give every case that has not acted the plan that applies now; workers see to it."""
        return await uses.apply_plan_assignments(info.context.tenant)


NODES = {"pas": uses.get_plan_assignment}
QUERIES = PlanAssignmentQuery
MUTATIONS = PlanAssignmentMutation
