"""Tasks on a real PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.collections.tasks import cancel_task, complete_task, create_task, get_task, list_tasks, update_task
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from tests.factories import a_customer
from tests.factories_dunning import a_debtor, a_receivable, events_of


async def test_a_task_lives_from_creation_to_completion(ctx: Context) -> None:
    due_at = ctx.now() + timedelta(days=1)
    task = await create_task(ctx, title="Call Wang Fang", assignee="li.na", due_at=due_at)
    moved = await update_task(ctx, task.id, {"assignee": "chen.jie"}, expected_version=1)
    assert (moved.assignee, moved.due_at, moved.version) == ("chen.jie", due_at, 2)
    assert await update_task(ctx, task.id, {"assignee": "chen.jie"}) == moved
    done = await complete_task(ctx, task.id, note="Reached her.")
    assert (done.state, done.completion_note, done.completed_at) == ("completed", "Reached her.", ctx.now())
    assert await get_task(ctx, task.id) == done
    assert [event.type for event in await events_of(ctx)] == ["task.created", "task.updated", "task.completed"]


async def test_a_closed_task_is_left_alone(ctx: Context) -> None:
    done, dropped = await create_task(ctx, title="One"), await create_task(ctx, title="Two")
    await complete_task(ctx, done.id)
    await cancel_task(ctx, dropped.id)
    for task, code in ((done, "task_already_completed"), (dropped, "task_already_cancelled")):
        for attempt in (complete_task(ctx, task.id), cancel_task(ctx, task.id), update_task(ctx, task.id, {})):
            with pytest.raises(Conflict) as refused:
                await attempt
            assert refused.value.code == code
    assert (await get_task(ctx, dropped.id)).completed_at is None


async def test_a_task_about_a_receivable_is_about_its_customer(ctx: Context) -> None:
    customer, other = await a_debtor(ctx), await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    task = await create_task(ctx, title="Ask for the purchase order", receivable_id=receivable.id)
    assert task.customer_id == customer.id
    with pytest.raises(InvalidInput) as mixed:
        await create_task(ctx, title="Not theirs", receivable_id=receivable.id, customer_id=other.id)
    assert mixed.value.errors[0].code == "receivable_of_another_customer"


async def test_tasks_are_listed_by_state_assignee_and_customer(ctx: Context) -> None:
    customer = await a_debtor(ctx)
    mine = await create_task(ctx, title="Mine", assignee="li.na", customer_id=customer.id)
    other = await create_task(ctx, title="Other")
    done = await complete_task(ctx, (await create_task(ctx, title="Done", assignee="li.na")).id)
    assert (await list_tasks(ctx, PageRequest(), state="open")).items == [mine, other]
    assert (await list_tasks(ctx, PageRequest(), assignee="li.na")).items == [mine, done]
    assert (await list_tasks(ctx, PageRequest(), customer_id=customer.id)).items == [mine]
    assert (await list_tasks(ctx, PageRequest(limit=1, after=mine.id))).items == [other]


async def test_what_cannot_be_is_refused(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as wrong:
        await create_task(ctx, title="x" * 301, assignee="y" * 201)
    assert {error.pointer for error in wrong.value.errors} == {"/title", "/assignee"}
    with pytest.raises(InvalidInput) as early:
        await create_task(ctx, title="x", due_at=datetime.fromisoformat("0001-01-01T00:00:00+08:00"))
    assert early.value.errors[0].code == "instant_out_of_range"
    task = await create_task(ctx, title="Right")
    with pytest.raises(InvalidInput):
        await update_task(ctx, task.id, {"title": ""})
    with pytest.raises(PreconditionFailed):
        await cancel_task(ctx, task.id, expected_version=5)
    with pytest.raises(NotFound):
        await create_task(ctx, title="Who?", customer_id="cus_00000000000000000000000000")
    with pytest.raises(NotFound):
        await get_task(ctx, "tsk_00000000000000000000000000")
