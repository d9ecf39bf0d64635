"""Reminder settings of receivables in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.inputs.fields import given
from api.inputs.reminder_settings import ReminderSettingsFields
from domain.dunning import model as domain
from domain.dunning import reminder_settings as uses

ReminderSettingsInput = input_type(ReminderSettingsFields, "ReminderSettingsInput")


@graph_type(domain.ReminderSettings)
class ReminderSettings:
    """How one receivable is reminded where it differs from the others; a case that has acted keeps its plan all the same."""


@strawberry.type
class ReminderSettingsQuery:
    """Reading reminder settings."""

    @door(uses.get_reminder_settings, ReminderSettings)
    async def reminder_settings(self, info: GraphInfo, receivable_id: strawberry.ID) -> Any:
        """How a receivable is reminded where it differs from the others."""
        return await uses.get_reminder_settings(info.context.tenant, receivable_id)


@strawberry.type
class ReminderSettingsMutation:
    """Changing reminder settings."""

    @door(uses.put_reminder_settings, ReminderSettings)
    async def put_reminder_settings(
        self,
        info: GraphInfo,
        receivable_id: strawberry.ID,
        input: ReminderSettingsInput,
        expected_version: int | None = None,
    ) -> Any:
        """Set by which plan, how much later and how far apart a receivable is reminded; a case that has acted keeps its plan."""
        told = given(from_input(ReminderSettingsFields, input))
        return await uses.put_reminder_settings(
            info.context.tenant, receivable_id, **told, expected_version=expected_version
        )

    @door(uses.delete_reminder_settings, strawberry.ID)
    async def delete_reminder_settings(
        self, info: GraphInfo, receivable_id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Remind a receivable as all others again; answers its id."""
        await uses.delete_reminder_settings(info.context.tenant, receivable_id, expected_version=expected_version)
        return receivable_id


NODES: dict[str, Any] = {}
QUERIES = ReminderSettingsQuery
MUTATIONS = ReminderSettingsMutation
