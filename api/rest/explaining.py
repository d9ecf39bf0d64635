"""/v1/receivables/{id}/explain and /v1/reminder-plans/{id}/simulate."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.simulations import SimulationWanted, simulation_arguments
from api.rest.cases import Texts, Words
from domain.dunning import explaining, simulating
from domain.dunning.timeline_model import PlanSimulation, ReceivableExplanation


@get(
    "/receivables/{receivable_id:str}/explain",
    use_case=explaining.explain_receivable,
    operation_id="ExplainReceivable",
)
async def explain_receivable(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], texts: Texts = False, locale: Words = None
) -> ReceivableExplanation:
    """Read by which plan a receivable is reminded, what comes next and when, and everything that is in the way."""
    return await explaining.explain_receivable(tenant_context(request), receivable_id, texts=texts, locale=locale)


@post(
    "/reminder-plans/{plan_id:str}/simulate",
    use_case=simulating.simulate_plan,
    operation_id="SimulateReminderPlan",
    status_code=200,
)
async def simulate_plan(
    request: Request[Any, Any, Any], plan_id: FromPath[str], data: JSONBody[SimulationWanted]
) -> PlanSimulation:
    """Read what a version of a plan would do for a receivable, a customer or a described debt. Nothing is stored."""
    return await simulating.simulate_plan(tenant_context(request), plan_id, **simulation_arguments(data))


ROUTES = [explain_receivable, simulate_plan]
