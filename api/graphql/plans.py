"""Reminder plans in GraphQL."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.plans import NewReminderPlan, ReminderPlanPatch, plan_fields
from domain.dunning import model as domain
from domain.dunning import plans as uses
from domain.dunning.rules import options, steps

CreateReminderPlanInput = input_type(NewReminderPlan, "CreateReminderPlanInput")
UpdateReminderPlanInput = input_type(ReminderPlanPatch, "UpdateReminderPlanInput")


@graph_type(steps.EmailAction)
class EmailAction:
    """Send an e-mail made from a template."""


@graph_type(steps.TaskAction)
class TaskAction:
    """Open a task for a user."""


@graph_type(steps.EscalationAction)
class EscalationAction:
    """Take the case out of the ladder."""


@graph_type(steps.ChargeAction)
class ChargeAction:
    """Add what a charge rule comes to, up to the day on which the step is carried out, to what is owed."""


StepAction = Annotated[
    EmailAction | TaskAction | EscalationAction | ChargeAction,
    strawberry.union("StepAction", description="What a step does."),
]


@graph_type(steps.Step)
class ReminderStep:
    """One rung of a reminder plan."""

    @strawberry.field(graphql_type=StepAction, description="What the step does.")
    def action(self: Any) -> Any:
        """One of the four kinds."""
        return self.action


@graph_type(options.OldDebt)
class OldDebtEntry:
    """Where a debt enters that is late already when its case opens."""


@graph_type(options.PlanOptions)
class PlanOptions:
    """What holds for all steps of a version."""


@graph_type(domain.PlanVersion)
class PlanVersion:
    """One form of a reminder plan; once published it never changes."""


@graph_type(domain.ReminderPlan)
class ReminderPlan:
    """A dunning procedure."""


@strawberry.type
class PlanQuery:
    """Reading reminder plans."""

    @door(uses.get_plan, ReminderPlan)
    async def reminder_plan(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One reminder plan with its published and its draft version."""
        return await uses.get_plan(info.context.tenant, id)

    @door(uses.list_plans, Connection[ReminderPlan])
    async def reminder_plans(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Reminder plans, oldest first."""
        name = "reminder_plans"
        return connection(await uses.list_plans(info.context.tenant, page_request(first, after, name)), name, after)


@strawberry.type
class PlanMutation:
    """Writing and publishing reminder plans."""

    @door(uses.create_plan, ReminderPlan)
    async def create_reminder_plan(self, info: GraphInfo, input: CreateReminderPlanInput) -> Any:
        """Write a reminder plan as a draft."""
        return await uses.create_plan(info.context.tenant, **plan_fields(from_input(NewReminderPlan, input)))

    @door(uses.update_plan, ReminderPlan)
    async def update_reminder_plan(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateReminderPlanInput, expected_version: int | None = None
    ) -> Any:
        """Change a reminder plan; new steps of a published one wait in a draft version."""
        changes = plan_fields(from_input(ReminderPlanPatch, input))
        return await uses.update_plan(info.context.tenant, id, changes, expected_version=expected_version)

    @door(uses.publish_plan, ReminderPlan)
    async def publish_reminder_plan(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Publish the draft version; the default plan opens a case for every open receivable that has none."""
        return await uses.publish_plan(info.context.tenant, id, expected_version=expected_version)


NODES = {"pln": uses.get_plan}
QUERIES = PlanQuery
MUTATIONS = PlanMutation
