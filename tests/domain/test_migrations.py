"""Cases on their way to another version of their plan: what is previewed is what happens."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.dunning.cases import case_timeline, get_case
from domain.dunning.engine import run_due_cases
from domain.dunning.migration_model import CaseMigration
from domain.dunning.migrations import _batch, migrate_cases, preview_migration, run_migration
from domain.dunning.model import ReminderPlan
from domain.dunning.plans import create_plan, publish_plan, update_plan
from domain.dunning.timeline_model import FutureStep, WaitingStep
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.messaging.notices import list_notices
from domain.operations import work
from domain.operations.model import Operation
from domain.operations.operations import get_operation, list_operation_errors
from tests.factories_dunning import (
    a_case,
    a_debtor,
    a_plan,
    a_receivable,
    case_of,
    drain,
    email_step,
    escalation_step,
    events_of,
    run_at,
    task_step,
)

FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
OLD = [email_step("first", 3), email_step("second", 15, "firm_notice")]
NEW = [email_step("first", 3), task_step("call", 1), email_step("third", 20, "firm_notice")]


async def other_version(ctx: Context, plan: ReminderPlan, steps: list[dict[str, Any]], **more: Any) -> ReminderPlan:
    await update_plan(ctx, plan.id, {"steps": steps, **more})
    return await publish_plan(ctx, plan.id)


async def preview(ctx: Context, plan_id: str, **more: Any) -> list[CaseMigration]:
    return (await preview_migration(ctx, plan_id, PageRequest(limit=200), **more)).items


async def migrated(ctx: Context, plan_id: str, **more: Any) -> Operation:
    operation = await migrate_cases(ctx, plan_id, **more)
    claimed = await work.claim(ctx, operation.id)
    assert claimed is not None
    await run_migration(ctx, claimed)
    return await get_operation(ctx, operation.id)


async def test_a_case_is_moved_as_previewed_and_nothing_is_said_twice(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=OLD)
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    plan = await other_version(ctx, plan, NEW)
    (told,) = await preview(ctx, plan.id)
    assert (told.case_id, told.can_move, told.from_number, told.to_number) == (case.id, True, 1, 2)
    assert told.was_next is not None
    assert told.next is not None
    assert (told.was_next.step_key, told.next.step_key) == ("second", "third")
    assert told.next.due_at == datetime(2026, 1, 30, 1, 0, tzinfo=UTC)
    assert (told.kept_steps, told.skipped_steps, told.dropped_steps) == (["first"], ["call"], ["second"])
    assert (await get_case(ctx, case.id)).plan_version_id == told.from_version_id

    operation = await migrated(ctx, plan.id)
    assert (operation.state, operation.result) == ("succeeded", {"moved": 1, "not_moved": 0})
    await drain(run_due_cases, ctx)
    moved = await get_case(ctx, case.id)
    assert (moved.plan_version_id, moved.next_action_at) == (told.to_version_id, told.next.due_at)
    timeline = await case_timeline(ctx, case.id)
    assert [(o.step_key, o.outcome, o.reasons) for o in timeline.past] == [
        ("first", "done", []),
        ("call", "skipped", ["before_migration"]),
    ]
    assert plain(timeline.future, []) == plain(told.future, [])
    assert len((await list_notices(ctx, PageRequest())).items) == 1
    (event,) = await events_of(ctx, "case.migrated")
    assert event.data["migration"]["next"]["step_key"] == "third"
    assert await preview(ctx, plan.id) == []


async def test_what_cannot_be_moved_is_told_and_stays(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=[escalation_step("legal", 3)])
    escalated = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    await a_case(ctx, number="INV-2", due_on=date(2026, 3, 1))
    plan = await other_version(ctx, plan, NEW)
    assert [(one.can_move, one.reason) for one in await preview(ctx, plan.id)] == [(False, "escalated"), (True, None)]
    operation = await migrated(ctx, plan.id)
    assert operation.result == {"moved": 1, "not_moved": 1}
    (error,) = (await list_operation_errors(ctx, operation.id, PageRequest())).items
    assert (error.code, error.value) == ("escalated", escalated.id)
    assert (await get_case(ctx, escalated.id)).plan_version_id != plan.published_version.id  # type: ignore[union-attr]


async def test_only_the_versions_that_are_named_are_moved(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=OLD)
    first = await a_case(ctx)
    plan = await other_version(ctx, plan, NEW)
    second = await a_case(ctx, number="INV-2")
    plan = await other_version(ctx, plan, OLD)
    assert [one.case_id for one in await preview(ctx, plan.id)] == [first.id, second.id]
    assert [one.case_id for one in await preview(ctx, plan.id, from_versions=[2])] == [second.id]
    await migrated(ctx, plan.id, from_versions=[2])
    assert [one.case_id for one in await preview(ctx, plan.id)] == [first.id]
    with pytest.raises(InvalidInput) as wrong:
        await preview(ctx, plan.id, from_versions=[1, 3])
    assert [e.pointer for e in wrong.value.errors] == ["/from_versions/1"]
    with pytest.raises(InvalidInput):
        await migrate_cases(ctx, plan.id, from_versions=[9])


async def test_a_plan_has_to_be_published_to_move_anything(ctx: Context) -> None:
    draft = await create_plan(ctx, name="Draft", steps=OLD)
    with pytest.raises(Conflict) as refused:
        await migrate_cases(ctx, draft.id)
    assert refused.value.code == "no_published_version"
    with pytest.raises(NotFound):
        await preview(ctx, "pln_x")


async def test_a_preview_comes_in_pages(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=OLD)
    cases = [await a_case(ctx, number=f"INV-{n}") for n in range(3)]
    await other_version(ctx, plan, NEW)
    first = await preview_migration(ctx, plan.id, PageRequest(limit=2))
    assert first.next_key is not None
    rest = await preview_migration(ctx, plan.id, PageRequest(limit=2, after=first.next_key))
    assert [one.case_id for one in (*first.items, *rest.items)] == [case.id for case in cases]
    assert rest.next_key is None


async def test_a_killed_move_is_taken_up_where_it_stopped(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = await a_plan(ctx, steps=OLD)
    for n in range(5):
        await a_case(ctx, number=f"INV-{n}")
    plan = await other_version(ctx, plan, NEW)
    monkeypatch.setattr("domain.dunning.migrations._BATCH", 2)
    operation = await migrate_cases(ctx, plan.id)
    claimed = await work.claim(ctx, operation.id)
    assert claimed is not None
    done = await _batch(ctx, claimed, claimed.progress)
    assert done is not None
    assert await _batch(ctx, claimed, claimed.progress) is None
    await run_migration(ctx, replace(claimed, progress=done))
    assert (await get_operation(ctx, operation.id)).result == {"moved": 5, "not_moved": 0}
    assert len(await events_of(ctx, "case.migrated")) == 5


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_previewed_is_what_happens(ctx: Context, seed: int) -> None:
    chance = random.Random(seed)
    plan = await a_plan(ctx, steps=_steps(chance))
    customer = await a_debtor(ctx)
    receivables = [
        await a_receivable(
            ctx, customer, number=f"INV-{n}", due_on=date(2026, 1, 10) + timedelta(days=chance.randint(0, 30))
        )
        for n in range(6)
    ]
    ctx = await run_at(ctx, FIRST)
    for _ in range(3):
        ctx = await run_at(ctx, ctx.now() + timedelta(days=chance.randint(1, 12)))
    plan = await other_version(ctx, plan, _steps(chance))
    told = {one.case_id: one for one in await preview(ctx, plan.id)}
    before = {case_id: await case_timeline(ctx, case_id) for case_id in told}
    notices = len((await list_notices(ctx, PageRequest(limit=200))).items)
    await migrated(ctx, plan.id)
    await drain(run_due_cases, ctx)
    assert len((await list_notices(ctx, PageRequest(limit=200))).items) == notices
    for receivable in receivables:
        case = await case_of(ctx, receivable)
        if case.id not in told:
            assert case.state == "closed"
            continue
        one, timeline = told[case.id], await case_timeline(ctx, case.id)
        if not one.can_move:
            assert (case.plan_version_id, timeline.past) == (one.from_version_id, before[case.id].past)
            continue
        assert case.plan_version_id == one.to_version_id
        made = [o.step_key for o in timeline.past if o not in before[case.id].past]
        assert sorted(made) == sorted(one.skipped_steps)
        assert plain(timeline.future, timeline.waiting) == plain(one.future, one.waiting)
        assert case.next_action_at == (one.next.due_at if one.next else None)


def plain(future: list[FutureStep], waiting: list[WaitingStep]) -> list[Any]:
    """What a preview tells of each step; a timeline tells more."""
    told = [(one.step_key, one.due_at, one.expected_at, one.action, one.outcome, one.reasons) for one in future]
    return [*told, *((one.step_key, one.action, one.reason) for one in waiting)]


def _steps(chance: random.Random) -> list[dict[str, Any]]:
    """Up to six steps of few keys, so that two versions share some."""
    keys = chance.sample("abcdefgh", chance.randint(1, 6))
    make = (email_step, task_step)
    steps = [chance.choice(make)(key, chance.randint(0, 40)) for key in keys]
    return [*steps, escalation_step("legal", chance.randint(20, 60))] if chance.random() < 0.5 else steps
