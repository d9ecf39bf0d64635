"""Reminder plans in GraphQL."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from msgspec import UNSET

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given, validated
from api.inputs.plans import NewReminderPlan, PlanPublishing, PlanToLint, ReminderPlanPatch, plan_fields
from domain.dunning import linting
from domain.dunning import model as domain
from domain.dunning import plan_control as control
from domain.dunning import plans as uses
from domain.dunning.rules import actions, options, steps

CreateReminderPlanInput = input_type(NewReminderPlan, "CreateReminderPlanInput")
LintReminderPlanInput = input_type(PlanToLint, "LintReminderPlanInput")
UpdateReminderPlanInput = input_type(ReminderPlanPatch, "UpdateReminderPlanInput")


@graph_type(actions.EmailAction)
class EmailAction:
    """Send an e-mail made from a template."""


@graph_type(actions.NoticeAction)
class NoticeAction:
    """Write through the first of these channels that reaches one of the recipients."""


@graph_type(actions.AlertAction)
class AlertAction:
    """Tell the tenant's own people through one of its channel accounts."""


@graph_type(actions.WebhookAction)
class WebhookAction:
    """Only tell the event of the step."""


@graph_type(actions.ApprovalAction)
class ApprovalAction:
    """Wait until somebody has approved."""


@graph_type(actions.TaskAction)
class TaskAction:
    """Open a task for a user, or for whoever has a role."""

    @strawberry.field(graphql_type=str | None, description="Whoever has this role may do it.")
    def role(self: Any) -> Any:
        """Null where the step does not say."""
        return None if self.role is UNSET else self.role


@graph_type(actions.EscalationAction)
class EscalationAction:
    """Take the case out of the ladder."""


@graph_type(actions.ChargeAction)
class ChargeAction:
    """Add what a charge rule comes to, up to the day on which the step is carried out, to what is owed."""


StepAction = Annotated[
    EmailAction
    | NoticeAction
    | AlertAction
    | TaskAction
    | EscalationAction
    | ChargeAction
    | WebhookAction
    | ApprovalAction,
    strawberry.union("StepAction", description="What a step does."),
]


@strawberry.type(description="The hours of a day in which a step may be carried out, in the customer's local time.")
class StepWindow:
    """Both ends included."""

    @strawberry.field(name="from", graphql_type=str, description="When it opens, such as 09:00.")
    def opens(self: Any) -> Any:
        """A key word of Python's, so it has another name in here."""
        return self.opens

    @strawberry.field(name="to", graphql_type=str, description="The last minute of it.")
    def closes(self: Any) -> Any:
        """As the other end."""
        return self.closes


@graph_type(steps.Branch)
class StepBranch:
    """Where a case goes on if the predicate holds: at a later step, or nowhere."""


@graph_type(steps.Step)
class ReminderStep:
    """One rung of a reminder plan."""

    @strawberry.field(graphql_type=str, description="The local time at which the step falls due, or its window opens.")
    def time_of_day(self: Any) -> Any:
        """Every step has one."""
        return self.starts_at

    @strawberry.field(graphql_type=StepWindow | None, description="The hours in which it may be carried out.")
    def window(self: Any) -> Any:
        """Null where any will do."""
        return self.window

    @strawberry.field(graphql_type=StepAction, description="What the step does.")
    def action(self: Any) -> Any:
        """One of the eight kinds."""
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


@graph_type(domain.PlanFault)
class PlanFault:
    """One place of a plan that is wrong, or that somebody should know of."""


@graph_type(domain.PlanLint)
class PlanLint:
    """Everything that stands against publishing a plan."""


@strawberry.type
class PlanQuery:
    """Reading reminder plans."""

    @door(linting.lint_plan, PlanLint)
    async def lint_reminder_plan(self, info: GraphInfo, input: LintReminderPlanInput) -> Any:
        """What stands against publishing steps and options, which are not stored; both in their JSON form."""
        return await linting.lint_plan(info.context.tenant, **given(from_input(PlanToLint, input)))

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
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None, mode: str | None = None
    ) -> Any:
        """Publish the draft version; the default plan opens a case for every open receivable that has none."""
        told = validated(PlanPublishing, {"mode": mode})
        return await uses.publish_plan(info.context.tenant, id, mode=told.mode, expected_version=expected_version)

    @door(control.pause_plan, ReminderPlan)
    async def pause_reminder_plan(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Have all cases of a plan wait; nothing is sent for it until it is resumed."""
        return await control.pause_plan(info.context.tenant, id, expected_version=expected_version)

    @door(control.resume_plan, ReminderPlan)
    async def resume_reminder_plan(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Let the cases of a paused plan go on; of several notices that are due by now only the last is sent."""
        return await control.resume_plan(info.context.tenant, id, expected_version=expected_version)


NODES = {"pln": uses.get_plan}
QUERIES = PlanQuery
MUTATIONS = PlanMutation
