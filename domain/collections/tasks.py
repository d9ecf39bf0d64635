"""Use cases of tasks, and the engine's way to open many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from domain.collections import store
from domain.collections.model import Task, TaskDraft, TaskState
from domain.collections.rules import check_fields, expect_open, in_utc
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, transaction


@use_case("tasks:write")
async def create_task(
    ctx: Context,
    *,
    title: str,
    customer_id: str | None = None,
    receivable_id: str | None = None,
    assignee: str | None = None,
    due_at: datetime | None = None,
    description: str = "",
) -> Task:
    """Opens a task by hand; one about a receivable is also about the customer who owes it."""
    check_fields({"title": title, "description": description, "assignee": assignee, "due_at": due_at})
    draft = TaskDraft(
        title=title, description=description, assignee=assignee, due_at=in_utc(due_at), receivable_id=receivable_id
    )
    async with transaction(ctx):
        if receivable_id is not None:
            customer_id = await store.customer_owing(ctx, receivable_id, customer_id)
        tasks = await open_tasks(ctx, [replace(draft, customer_id=customer_id)])
    return tasks[0]


@use_case("tasks:write")
async def update_task(
    ctx: Context, task_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> Task:
    """Changes the given fields among title, description, assignee and due_at of an open task."""
    check_fields(changes)
    if "due_at" in changes:
        changes = {**changes, "due_at": in_utc(changes["due_at"])}
    async with transaction(ctx):
        task = await _load_open(ctx, task_id, expected_version)
        if replace(task, **changes) == task:
            return task
        return await _change(ctx, task, "updated", changes)


@use_case("tasks:write")
async def complete_task(
    ctx: Context, task_id: str, *, note: str | None = None, expected_version: int | None = None
) -> Task:
    """Marks an open task as done; raises Conflict if it is closed already."""
    check_fields({"note": note})
    async with transaction(ctx):
        task = await _load_open(ctx, task_id, expected_version)
        done = {"state": "completed", "completion_note": note, "completed_at": ctx.now()}
        return await _change(ctx, task, "completed", done)


@use_case("tasks:write")
async def cancel_task(ctx: Context, task_id: str, *, expected_version: int | None = None) -> Task:
    """Gives up an open task; raises Conflict if it is closed already."""
    async with transaction(ctx):
        task = await _load_open(ctx, task_id, expected_version)
        return await _change(ctx, task, "cancelled", {"state": "cancelled"})


@use_case("tasks:read")
async def get_task(ctx: Context, task_id: str) -> Task:
    """One task; raises NotFound."""
    async with reading(ctx):
        return await store.get_task(ctx, task_id)


@use_case("tasks:read")
async def list_tasks(
    ctx: Context,
    page: PageRequest,
    *,
    state: TaskState | None = None,
    assignee: str | None = None,
    customer_id: str | None = None,
) -> Page[Task]:
    """Tasks in the order of creation."""
    async with reading(ctx):
        rows = await store.page_of_tasks(ctx, page, state, assignee, customer_id)
    return page_of(rows, page, lambda row: str(row["id"]), store.task_of)


async def open_tasks(ctx: Context, drafts: Sequence[TaskDraft]) -> list[Task]:
    """Opens tasks in the open transaction, in the order of the drafts, with one insert for all."""
    now = ctx.now()
    tasks = [_task_from(draft, now) for draft in drafts]
    await store.add_tasks(ctx, tasks)
    emit(ctx, *[_task_event("created", task) for task in tasks])
    return tasks


async def complete_tasks_of_notices(ctx: Context, notes: Mapping[str, str]) -> None:
    """Completes the open tasks that ask what became of these notices, each with its note, in the open transaction."""
    for task in await store.lock_open_of_notices(ctx, list(notes)):
        done = {"completion_note": notes[task.notice_id or ""], "completed_at": ctx.now()}
        await _change(ctx, task, "completed", {"state": "completed", **done})


def _task_from(draft: TaskDraft, now: datetime) -> Task:
    return Task(
        id=new_id("tsk"),
        state="open",
        completion_note=None,
        completed_at=None,
        version=1,
        created_at=now,
        updated_at=now,
        **asdict(draft),
    )


async def _load_open(ctx: Context, task_id: str, expected_version: int | None) -> Task:
    task = await store.get_task(ctx, task_id, lock=True)
    expect(task.version, expected_version)
    expect_open(task.state)
    return task


async def _change(ctx: Context, task: Task, what: str, changes: dict[str, Any]) -> Task:
    changed = replace(task, **changes, version=task.version + 1, updated_at=ctx.now())
    await store.save_task(ctx, changed)
    emit(ctx, _task_event(what, changed))
    return changed


def _task_event(what: str, task: Task) -> NewEvent:
    return NewEvent(f"task.{what}", task.id, {"task": task})
