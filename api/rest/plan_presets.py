"""/v1/reminder-plan-presets."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.plan_presets import PresetInstallation
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, listing, page_request, with_etag
from domain.dunning import plan_presets
from domain.dunning.model import PlanPreset, ReminderPlan


@get("/reminder-plan-presets", use_case=plan_presets.list_plan_presets, operation_id="ListReminderPlanPresets")
async def list_plan_presets(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[PlanPreset]]:
    """List the reminder plans that come with Dunwell, in the tenant's language."""
    page = page_request(request, limit, cursor)
    return listing(request, await plan_presets.list_plan_presets(tenant_context(request), page))


@post(
    "/reminder-plan-presets/{key:str}/install",
    use_case=plan_presets.install_plan_preset,
    operation_id="InstallReminderPlanPreset",
    status_code=200,
)
async def install_plan_preset(
    request: Request[Any, Any, Any], key: FromPath[str], data: JSONBody[PresetInstallation | None] = None
) -> Response[ReminderPlan]:
    """Write a shipped plan as a draft, or answer with the plan that has its external id already; the body may be left out."""
    external_id = data.external_id if data else None
    plan = await plan_presets.install_plan_preset(tenant_context(request), key, external_id=external_id)
    return with_etag(plan)


ROUTES = [list_plan_presets, install_plan_preset]
