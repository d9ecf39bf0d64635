"""Tasks in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given, validated
from api.inputs.tasks import CompletionIn, NewTask, TaskPatch, TaskQuery
from domain.collections import model as domain
from domain.collections import tasks as uses

CreateTaskInput = input_type(NewTask, "CreateTaskInput")
UpdateTaskInput = input_type(TaskPatch, "UpdateTaskInput")


@graph_type(domain.Task)
class Task:
    """Something a user should do."""


@strawberry.type
class TaskQueries:
    """Reading tasks."""

    @door(uses.get_task, Task)
    async def task(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One task."""
        return await uses.get_task(info.context.tenant, id)

    @door(uses.list_tasks, Connection[Task])
    async def tasks(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
        assignee: str | None = None,
        customer_id: strawberry.ID | None = None,
    ) -> Any:
        """Tasks, oldest first, those that match every given filter."""
        name = f"tasks:{state}:{assignee}:{customer_id}"
        page = await uses.list_tasks(
            info.context.tenant,
            page_request(first, after, name),
            state=validated(TaskQuery, {"state": state}).state,
            assignee=assignee,
            customer_id=customer_id,
        )
        return connection(page, name, after)


@strawberry.type
class TaskMutation:
    """Changing tasks."""

    @door(uses.create_task, Task)
    async def create_task(self, info: GraphInfo, input: CreateTaskInput) -> Any:
        """Open a task."""
        return await uses.create_task(info.context.tenant, **given(from_input(NewTask, input)))

    @door(uses.update_task, Task)
    async def update_task(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateTaskInput, expected_version: int | None = None
    ) -> Any:
        """Change an open task."""
        changes = given(from_input(TaskPatch, input))
        return await uses.update_task(info.context.tenant, id, changes, expected_version=expected_version)

    @door(uses.complete_task, Task)
    async def complete_task(
        self, info: GraphInfo, id: strawberry.ID, note: str | None = None, expected_version: int | None = None
    ) -> Any:
        """Mark an open task as done."""
        told = validated(CompletionIn, {"note": note})
        return await uses.complete_task(info.context.tenant, id, note=told.note, expected_version=expected_version)

    @door(uses.cancel_task, Task)
    async def cancel_task(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Give up an open task."""
        return await uses.cancel_task(info.context.tenant, id, expected_version=expected_version)


NODES = {"tsk": uses.get_task}
QUERIES = TaskQueries
MUTATIONS = TaskMutation
