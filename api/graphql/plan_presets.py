"""The reminder plans that come with Dunwell, in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import graph_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.plans import ReminderPlan
from api.inputs.fields import validated
from api.inputs.plan_presets import PresetInstallation
from domain.dunning import model as domain
from domain.dunning import plan_presets as uses


@graph_type(domain.PlanPreset)
class ReminderPlanPreset:
    """A reminder plan that comes with Dunwell."""


@strawberry.type
class PlanPresetQuery:
    """Reading shipped reminder plans."""

    @door(uses.list_plan_presets, Connection[ReminderPlanPreset])
    async def reminder_plan_presets(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """The reminder plans that come with Dunwell, in the tenant's language."""
        name = "reminder_plan_presets"
        page = await uses.list_plan_presets(info.context.tenant, page_request(first, after, name))
        return connection(page, name, after, lambda preset: str(preset.key))


@strawberry.type
class PlanPresetMutation:
    """Taking over shipped reminder plans."""

    @door(uses.install_plan_preset, ReminderPlan)
    async def install_reminder_plan_preset(self, info: GraphInfo, key: str, external_id: str | None = None) -> Any:
        """Write a shipped plan as a draft, or answer with the plan that has its external id already."""
        told = validated(PresetInstallation, {"external_id": external_id})
        return await uses.install_plan_preset(info.context.tenant, key, external_id=told.external_id)


NODES: dict[str, Any] = {}
QUERIES = PlanPresetQuery
MUTATIONS = PlanPresetMutation
