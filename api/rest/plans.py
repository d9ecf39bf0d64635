"""/v1/reminder-plans."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.plans import NewReminderPlan, PlanToLint, ReminderPlanPatch, plan_fields
from api.rest.answers import (
    DEFAULT,
    Cursor,
    Limit,
    Listing,
    created,
    expected_version,
    listing,
    page_request,
    with_etag,
)
from domain.dunning import linting, plan_control, plans
from domain.dunning.model import PlanLint, PlanMode, ReminderPlan

ModeFromNow = Annotated[
    PlanMode | None, QueryParameter(name="mode", description="The mode in which the plan is from now on.")
]


@post("/reminder-plans", use_case=plans.create_plan, operation_id="CreateReminderPlan")
async def create_plan(request: Request[Any, Any, Any], data: JSONBody[NewReminderPlan]) -> Response[ReminderPlan]:
    """Write a reminder plan as a draft."""
    return created(await plans.create_plan(tenant_context(request), **plan_fields(data)))


@get("/reminder-plans", use_case=plans.list_plans, operation_id="ListReminderPlans")
async def list_plans(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[ReminderPlan]]:
    """List reminder plans, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await plans.list_plans(tenant_context(request), page))


@get("/reminder-plans/{plan_id:str}", use_case=plans.get_plan, operation_id="GetReminderPlan")
async def get_plan(request: Request[Any, Any, Any], plan_id: FromPath[str]) -> Response[ReminderPlan]:
    """Read a reminder plan with its published and its draft version."""
    return with_etag(await plans.get_plan(tenant_context(request), plan_id))


@patch("/reminder-plans/{plan_id:str}", use_case=plans.update_plan, operation_id="UpdateReminderPlan")
async def update_plan(
    request: Request[Any, Any, Any], plan_id: FromPath[str], data: JSONBody[ReminderPlanPatch]
) -> Response[ReminderPlan]:
    """Change a reminder plan; new steps of a published one wait in a draft version."""
    changed = await plans.update_plan(
        tenant_context(request), plan_id, plan_fields(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/reminder-plans/{plan_id:str}/publish",
    use_case=plans.publish_plan,
    operation_id="PublishReminderPlan",
    status_code=200,
)
async def publish_plan(
    request: Request[Any, Any, Any], plan_id: FromPath[str], mode: ModeFromNow = None
) -> Response[ReminderPlan]:
    """Publish the draft version; the default plan opens a case for every open receivable that has none."""
    published = await plans.publish_plan(
        tenant_context(request), plan_id, mode=mode, expected_version=expected_version(request)
    )
    return with_etag(published)


@post(
    "/reminder-plans/{plan_id:str}/pause",
    use_case=plan_control.pause_plan,
    operation_id="PauseReminderPlan",
    status_code=200,
)
async def pause_plan(request: Request[Any, Any, Any], plan_id: FromPath[str]) -> Response[ReminderPlan]:
    """Have all cases of a plan wait; nothing is sent for it until it is resumed."""
    paused = await plan_control.pause_plan(tenant_context(request), plan_id, expected_version=expected_version(request))
    return with_etag(paused)


@post(
    "/reminder-plans/{plan_id:str}/resume",
    use_case=plan_control.resume_plan,
    operation_id="ResumeReminderPlan",
    status_code=200,
)
async def resume_plan(request: Request[Any, Any, Any], plan_id: FromPath[str]) -> Response[ReminderPlan]:
    """Let the cases of a paused plan go on; of several notices that are due by now only the last is sent."""
    resumed = await plan_control.resume_plan(
        tenant_context(request), plan_id, expected_version=expected_version(request)
    )
    return with_etag(resumed)


@post("/reminder-plans/lint", use_case=linting.lint_plan, operation_id="LintReminderPlan", status_code=200)
async def lint_plan(request: Request[Any, Any, Any], data: JSONBody[PlanToLint]) -> PlanLint:
    """Say what stands against publishing steps and options, without storing them."""
    return await linting.lint_plan(tenant_context(request), **given(data))


ROUTES = [create_plan, list_plans, lint_plan, get_plan, update_plan, publish_plan, pause_plan, resume_plan]
