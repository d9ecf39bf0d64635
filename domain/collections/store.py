"""Activities, tasks and escalations in PostgreSQL: rows to dataclasses and back, bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from asyncpg import ForeignKeyViolationError

from domain.collections.model import Activity, Escalation, Task
from domain.collections.tables import ActivityRow, TaskRow
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_ACTIVITY = ", ".join(field.name for field in fields(Activity))
_TASK = ", ".join(field.name for field in fields(Task))
_ESCALATION = "id, customer_id, receivable_id, case_id, step_key, level, currency, open_amount, raised_at"

_TASK_TYPES = {
    **{field.name: "text" for field in fields(Task)},
    **dict.fromkeys(("due_at", "completed_at", "created_at", "updated_at"), "timestamptz"),
    "version": "integer",
}
_ESCALATION_TYPES = {
    **dict.fromkeys(("tenant_id", "id", "customer_id", "receivable_id", "case_id", "step_key", "level"), "text"),
    "currency": "text",
    "open_amount": "numeric",
    "raised_at": "timestamptz",
}


async def add_activity(ctx: Context, activity: Activity) -> None:
    """Stores an activity; raises NotFound for an unknown customer."""
    try:
        await ActivityRow.insert(ActivityRow(tenant_id=ctx.tenant_id, **_values(activity)))
    except ForeignKeyViolationError as missing:
        raise NotFound.of("customer", activity.customer_id) from missing


async def get_activity(ctx: Context, activity_id: str) -> Activity:
    """One activity; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_ACTIVITY} from activities where tenant_id = $1 and id = $2", ctx.tenant_id, activity_id
    )
    if row is None:
        raise NotFound.of("activity", activity_id)
    return activity_of(row)


async def page_of_activities(
    ctx: Context, request: PageRequest, customer_id: str | None, receivable_id: str | None
) -> list[Any]:
    """Rows of a page in the order of recording, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_ACTIVITY} from activities where tenant_id = $1 and ($2::text is null or id > $2)"
        " and ($3::text is null or customer_id = $3) and ($4::text is null or receivable_id = $4) order by id limit $5",
        ctx.tenant_id,
        request.after,
        customer_id,
        receivable_id,
        request.limit + 1,
    )


async def add_tasks(ctx: Context, tasks: Sequence[Task]) -> None:
    """Stores new tasks in one statement; raises NotFound if one names a customer that does not exist."""
    rows = [(ctx.tenant_id, *_values(task).values()) for task in tasks]
    try:
        await insert_rows(sql(ctx), "tasks", {"tenant_id": "text", **_TASK_TYPES}, rows)
    except ForeignKeyViolationError as missing:
        raise NotFound.of("customer", str(tasks[0].customer_id)) from missing


async def save_task(ctx: Context, task: Task) -> None:
    """Replaces a task's row."""
    await TaskRow.update(_values(task)).where((TaskRow.tenant_id == ctx.tenant_id) & (TaskRow.id == task.id))


async def get_task(ctx: Context, task_id: str, *, lock: bool = False) -> Task:
    """One task; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_TASK} from tasks where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        task_id,
    )
    if row is None:
        raise NotFound.of("task", task_id)
    return task_of(row)


async def lock_open_of_notices(ctx: Context, notice_ids: list[str]) -> list[Task]:
    """The open tasks about these notices, locked until the transaction ends."""
    rows = await sql(ctx).fetch(
        f"select {_TASK} from tasks where tenant_id = $1 and notice_id = any($2) and notice_id is not null"
        " and state = 'open' order by id for update",
        ctx.tenant_id,
        notice_ids,
    )
    return list(map(task_of, rows))


async def page_of_tasks(
    ctx: Context, request: PageRequest, state: str | None, assignee: str | None, customer_id: str | None
) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_TASK} from tasks where tenant_id = $1 and ($2::text is null or id > $2)"
        " and ($3::text is null or state = $3) and ($4::text is null or assignee = $4)"
        " and ($5::text is null or customer_id = $5) order by id limit $6",
        ctx.tenant_id,
        request.after,
        state,
        assignee,
        customer_id,
        request.limit + 1,
    )


async def add_escalations(ctx: Context, escalations: Sequence[Escalation]) -> None:
    """Stores new escalations in one statement."""
    rows = [
        (
            ctx.tenant_id,
            e.id,
            e.customer_id,
            e.receivable_id,
            e.case_id,
            e.step_key,
            e.level,
            e.open_amount.currency,
            e.open_amount.amount,
            e.raised_at,
        )
        for e in escalations
    ]
    await insert_rows(sql(ctx), "escalations", _ESCALATION_TYPES, rows)


async def get_escalation(ctx: Context, escalation_id: str) -> Escalation:
    """One escalation; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_ESCALATION} from escalations where tenant_id = $1 and id = $2", ctx.tenant_id, escalation_id
    )
    if row is None:
        raise NotFound.of("escalation", escalation_id)
    return escalation_of(row)


async def page_of_escalations(
    ctx: Context, request: PageRequest, customer_id: str | None, receivable_id: str | None, case_id: str | None
) -> list[Any]:
    """Rows of a page in the order of raising, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_ESCALATION} from escalations where tenant_id = $1 and ($2::text is null or id > $2)"
        " and ($3::text is null or customer_id = $3) and ($4::text is null or receivable_id = $4)"
        " and ($5::text is null or case_id = $5) order by id limit $6",
        ctx.tenant_id,
        request.after,
        customer_id,
        receivable_id,
        case_id,
        request.limit + 1,
    )


async def customer_owing(ctx: Context, receivable_id: str, customer_id: str | None) -> str:
    """The customer of a receivable; raises NotFound, or InvalidInput if `customer_id` names somebody else."""
    owing: str | None = await sql(ctx).fetchval(
        "select customer_id from receivables where tenant_id = $1 and id = $2", ctx.tenant_id, receivable_id
    )
    if owing is None:
        raise NotFound.of("receivable", receivable_id)
    if customer_id not in (None, owing):
        raise InvalidInput.at("/receivable_id", "receivable_of_another_customer", "Another customer owes this.")
    return owing


def activity_of(row: Any) -> Activity:
    """An activity from its row."""
    return Activity(**dict(row))


def task_of(row: Any) -> Task:
    """A task from its row."""
    return Task(**dict(row))


def escalation_of(row: Any) -> Escalation:
    """An escalation from its row."""
    values = dict(row)
    owed = Money(values.pop("open_amount"), values.pop("currency"))
    return Escalation(**values, open_amount=owed)


def _values(item: Activity | Task) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(item)}
