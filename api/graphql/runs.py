"""Runs in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given, validated
from api.inputs.runs import NewReminderRun, RunExclusion, RunItemQuery, RunRelease
from domain.customers.customers import customers_by_ids
from domain.dunning import run_model as domain
from domain.dunning import runs as uses

OpenReminderRunInput = input_type(NewReminderRun, "OpenReminderRunInput")
ExcludeReminderRunItemsInput = input_type(RunExclusion, "ExcludeReminderRunItemsInput")
ReleaseReminderRunInput = input_type(RunRelease, "ReleaseReminderRunInput")


@graph_type(domain.ReminderRun)
class ReminderRun:
    """Everything that was proposed when it was opened, gone through by somebody."""


@graph_type(domain.ReminderRunItem)
class ReminderRunItem:
    """One notice of a run."""

    @strawberry.field(graphql_type=Customer, description="Who owes it.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)


@graph_type(domain.CodeCount)
class CodeCount:
    """How many ended for one reason."""


@graph_type(domain.ReminderRunReport)
class ReminderRunReport:
    """What became of a run."""


@strawberry.type
class ReminderRunQueries:
    """Reading runs."""

    @door(uses.get_run, ReminderRun)
    async def reminder_run(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One run."""
        return await uses.get_run(info.context.tenant, id)

    @door(uses.list_runs, Connection[ReminderRun])
    async def reminder_runs(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Runs, oldest first."""
        name = "reminder_runs"
        return connection(await uses.list_runs(info.context.tenant, page_request(first, after, name)), name, after)

    @door(uses.list_run_items, Connection[ReminderRunItem])
    async def reminder_run_items(
        self,
        info: GraphInfo,
        run_id: strawberry.ID,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Any:
        """The notices of a run in the order in which they were written."""
        name = f"reminder_run_items:{run_id}:{state}"
        wanted = validated(RunItemQuery, {"state": state}).state
        page = page_request(first, after, name)
        found = await uses.list_run_items(info.context.tenant, run_id, page, state=wanted)
        return connection(found, name, after, key=lambda item: str(item.notice_id))

    @door(uses.run_report, ReminderRunReport)
    async def reminder_run_report(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """What became of everything in a run."""
        return await uses.run_report(info.context.tenant, id)


@strawberry.type
class ReminderRunMutation:
    """Going through what was proposed."""

    @door(uses.open_run, ReminderRun)
    async def open_reminder_run(self, info: GraphInfo, input: OpenReminderRunInput | None = None) -> Any:
        """Collect every notice that waits for its release."""
        told = given(from_input(NewReminderRun, input)) if input else {}
        return await uses.open_run(info.context.tenant, **told)

    @door(uses.exclude_run_items, ReminderRun)
    async def exclude_reminder_run_items(
        self,
        info: GraphInfo,
        id: strawberry.ID,
        input: ExcludeReminderRunItemsInput,
        expected_version: int | None = None,
    ) -> Any:
        """Take notices out of a run; they are never sent."""
        told = given(from_input(RunExclusion, input))
        return await uses.exclude_run_items(info.context.tenant, id, **told, expected_version=expected_version)

    @door(uses.release_run, ReminderRun)
    async def release_reminder_run(
        self,
        info: GraphInfo,
        id: strawberry.ID,
        input: ReleaseReminderRunInput | None = None,
        expected_version: int | None = None,
    ) -> Any:
        """Release all that is left in a run, or the notices that are named."""
        told = given(from_input(RunRelease, input)) if input else {}
        return await uses.release_run(info.context.tenant, id, **told, expected_version=expected_version)

    @door(uses.cancel_run, ReminderRun)
    async def cancel_reminder_run(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """End a run without releasing what is left; that waits for the next one."""
        return await uses.cancel_run(info.context.tenant, id, expected_version=expected_version)


NODES = {"run": uses.get_run}
QUERIES = ReminderRunQueries
MUTATIONS = ReminderRunMutation
