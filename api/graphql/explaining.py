"""Why a receivable is, or is not, being reminded of, and what a plan would do, in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql import cases, plan_assignments
from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.inputs.simulations import SimulationWanted, simulation_arguments
from domain.dunning import explaining as uses
from domain.dunning import simulating
from domain.dunning import timeline_model as told

# Their types stand in these.
_BEFORE = (cases, plan_assignments)
SimulateReminderPlanInput = input_type(SimulationWanted, "SimulateReminderPlanInput")


@graph_type(told.ReceivableExplanation)
class ReceivableExplanation:
    """Why a receivable is, or is not, being reminded of."""


@graph_type(told.PlanSimulation)
class PlanSimulation:
    """What a version of a plan would do."""


@strawberry.type
class ExplainingQueries:
    """What is in the way."""

    @door(uses.explain_receivable, ReceivableExplanation)
    async def explain_receivable(
        self, info: GraphInfo, id: strawberry.ID, texts: bool = False, locale: str | None = None
    ) -> Any:
        """By which plan a receivable is reminded, what comes next and when, and everything that is in the way."""
        return await uses.explain_receivable(info.context.tenant, id, texts=texts, locale=locale)

    @door(simulating.simulate_plan, PlanSimulation)
    async def simulate_plan(self, info: GraphInfo, id: strawberry.ID, input: SimulateReminderPlanInput) -> Any:
        """What a version of a plan would do for a receivable, a customer or a described debt. Nothing is stored."""
        arguments = simulation_arguments(from_input(SimulationWanted, input))
        return await simulating.simulate_plan(info.context.tenant, id, **arguments)


NODES: dict[str, Any] = {}
QUERIES = ExplainingQueries
MUTATIONS = None
