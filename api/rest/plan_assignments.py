"""/v1/plan-assignments, /v1/customers/{id}/reminder-settings and the effective plans."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.plan_assignments import CustomerReminderSettingsFields, NewPlanAssignment, PlanAssignmentPatch
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
from domain.dunning import customer_settings, effective_plans, plan_assignments
from domain.dunning.assigning_model import (
    CustomerReminderSettings,
    EffectivePlan,
    PlanAssignment,
    PlanReevaluation,
)

_SETTINGS = "/customers/{customer_id:str}/reminder-settings"
_ONE = "/plan-assignments/{assignment_id:str}"


@get(
    _SETTINGS,
    use_case=customer_settings.get_customer_reminder_settings,
    operation_id="GetCustomerReminderSettings",
)
async def get_customer_reminder_settings(
    request: Request[Any, Any, Any], customer_id: FromPath[str]
) -> Response[CustomerReminderSettings]:
    """Read the plan that a customer was given."""
    return with_etag(await customer_settings.get_customer_reminder_settings(tenant_context(request), customer_id))


@put(
    _SETTINGS,
    use_case=customer_settings.put_customer_reminder_settings,
    operation_id="PutCustomerReminderSettings",
)
async def put_customer_reminder_settings(
    request: Request[Any, Any, Any], customer_id: FromPath[str], data: JSONBody[CustomerReminderSettingsFields]
) -> Response[CustomerReminderSettings]:
    """Give a customer a plan; cases that have acted keep theirs, and receivables with a plan of their own theirs."""
    settings = await customer_settings.put_customer_reminder_settings(
        tenant_context(request), customer_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(settings)


@delete(
    _SETTINGS,
    use_case=customer_settings.delete_customer_reminder_settings,
    operation_id="DeleteCustomerReminderSettings",
)
async def delete_customer_reminder_settings(request: Request[Any, Any, Any], customer_id: FromPath[str]) -> None:
    """Remind a customer by what else applies; cases that have acted keep their plan."""
    await customer_settings.delete_customer_reminder_settings(
        tenant_context(request), customer_id, expected_version=expected_version(request)
    )


@post("/plan-assignments", use_case=plan_assignments.create_plan_assignment, operation_id="CreatePlanAssignment")
async def create_plan_assignment(
    request: Request[Any, Any, Any], data: JSONBody[NewPlanAssignment]
) -> Response[PlanAssignment]:
    """Give the customers of a segment a plan, in cases that are opened from now on."""
    return created(await plan_assignments.create_plan_assignment(tenant_context(request), **given(data)))


@get("/plan-assignments", use_case=plan_assignments.list_plan_assignments, operation_id="ListPlanAssignments")
async def list_plan_assignments(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[PlanAssignment]]:
    """List plan assignments in the order in which they are asked."""
    page = page_request(request, limit, cursor)
    return listing(request, await plan_assignments.list_plan_assignments(tenant_context(request), page))


@get(_ONE, use_case=plan_assignments.get_plan_assignment, operation_id="GetPlanAssignment")
async def get_plan_assignment(
    request: Request[Any, Any, Any], assignment_id: FromPath[str]
) -> Response[PlanAssignment]:
    """Read a plan assignment."""
    return with_etag(await plan_assignments.get_plan_assignment(tenant_context(request), assignment_id))


@patch(_ONE, use_case=plan_assignments.update_plan_assignment, operation_id="UpdatePlanAssignment")
async def update_plan_assignment(
    request: Request[Any, Any, Any], assignment_id: FromPath[str], data: JSONBody[PlanAssignmentPatch]
) -> Response[PlanAssignment]:
    """Change a plan assignment, for cases that are opened from now on."""
    changed = await plan_assignments.update_plan_assignment(
        tenant_context(request), assignment_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@delete(_ONE, use_case=plan_assignments.delete_plan_assignment, operation_id="DeletePlanAssignment")
async def delete_plan_assignment(request: Request[Any, Any, Any], assignment_id: FromPath[str]) -> None:
    """Remove a plan assignment; cases keep the plan that it chose for them."""
    await plan_assignments.delete_plan_assignment(
        tenant_context(request), assignment_id, expected_version=expected_version(request)
    )


@post(
    "/plan-assignments/apply",
    use_case=plan_assignments.apply_plan_assignments,
    operation_id="ApplyPlanAssignments",
    status_code=202,
)
async def apply_plan_assignments(request: Request[Any, Any, Any]) -> PlanReevaluation:
    """Give every case that has not acted the plan that applies now; workers see to it, and `case.reassigned` tells of each."""
    return await plan_assignments.apply_plan_assignments(tenant_context(request))


@get(
    "/receivables/{receivable_id:str}/effective-plan",
    use_case=effective_plans.get_receivable_plan,
    operation_id="GetReceivableEffectivePlan",
)
async def get_receivable_plan(request: Request[Any, Any, Any], receivable_id: FromPath[str]) -> EffectivePlan:
    """Read which plan applies to a receivable now, by what, and why each other plan does not."""
    return await effective_plans.get_receivable_plan(tenant_context(request), receivable_id)


@get(
    "/customers/{customer_id:str}/effective-plan",
    use_case=effective_plans.get_customer_plan,
    operation_id="GetCustomerEffectivePlan",
)
async def get_customer_plan(request: Request[Any, Any, Any], customer_id: FromPath[str]) -> EffectivePlan:
    """Read which plan applies now to what a customer owes and what has no plan of its own, and why each other does not."""
    return await effective_plans.get_customer_plan(tenant_context(request), customer_id)


ROUTES = [
    get_customer_reminder_settings,
    put_customer_reminder_settings,
    delete_customer_reminder_settings,
    create_plan_assignment,
    list_plan_assignments,
    get_plan_assignment,
    update_plan_assignment,
    delete_plan_assignment,
    apply_plan_assignments,
    get_receivable_plan,
    get_customer_plan,
]
