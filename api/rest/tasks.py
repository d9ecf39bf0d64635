"""/v1/tasks."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.tasks import CompletionIn, NewTask, TaskPatch
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
from domain.collections import tasks
from domain.collections.model import Task, TaskState

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
OfAssignee = Annotated[str | None, QueryParameter(max_length=200, description="Only this assignee's.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[TaskState | None, QueryParameter(name="state", description="Only those in this state.")]


@post("/tasks", use_case=tasks.create_task, operation_id="CreateTask")
async def create_task(request: Request[Any, Any, Any], data: JSONBody[NewTask]) -> Response[Task]:
    """Open a task."""
    return created(await tasks.create_task(tenant_context(request), **given(data)))


@get("/tasks", use_case=tasks.list_tasks, operation_id="ListTasks")
async def list_tasks(
    request: Request[Any, Any, Any],
    in_state: State = None,
    assignee: OfAssignee = None,
    customer_id: OfCustomer = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Task]]:
    """List tasks, oldest first."""
    found = await tasks.list_tasks(
        tenant_context(request),
        page_request(request, limit, cursor),
        state=in_state,
        assignee=assignee,
        customer_id=customer_id,
    )
    return listing(request, found)


@get("/tasks/{task_id:str}", use_case=tasks.get_task, operation_id="GetTask")
async def get_task(request: Request[Any, Any, Any], task_id: FromPath[str]) -> Response[Task]:
    """Read a task."""
    return with_etag(await tasks.get_task(tenant_context(request), task_id))


@patch("/tasks/{task_id:str}", use_case=tasks.update_task, operation_id="UpdateTask")
async def update_task(
    request: Request[Any, Any, Any], task_id: FromPath[str], data: JSONBody[TaskPatch]
) -> Response[Task]:
    """Change an open task."""
    changed = await tasks.update_task(
        tenant_context(request), task_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post("/tasks/{task_id:str}/complete", use_case=tasks.complete_task, operation_id="CompleteTask", status_code=200)
async def complete_task(
    request: Request[Any, Any, Any], task_id: FromPath[str], data: JSONBody[CompletionIn | None] = None
) -> Response[Task]:
    """Mark an open task as done; the body may be left out."""
    note = data.note if data else None
    done = await tasks.complete_task(
        tenant_context(request), task_id, note=note, expected_version=expected_version(request)
    )
    return with_etag(done)


@post("/tasks/{task_id:str}/cancel", use_case=tasks.cancel_task, operation_id="CancelTask", status_code=200)
async def cancel_task(request: Request[Any, Any, Any], task_id: FromPath[str]) -> Response[Task]:
    """Give up an open task."""
    cancelled = await tasks.cancel_task(tenant_context(request), task_id, expected_version=expected_version(request))
    return with_etag(cancelled)


ROUTES = [create_task, list_tasks, get_task, update_task, complete_task, cancel_task]
