"""Calls of the use cases that run plans under control."""

from __future__ import annotations

from domain.dunning.engine import run_due_cases
from domain.dunning.plan_control import pause_plan
from domain.dunning.runs import cancel_run, list_run_items, list_runs, open_run
from domain.kernel.paging import PageRequest
from tests.factories_dunning import a_case, a_plan, drain, email_step
from tests.matrix.registry import Call, Victim, case, fresh, one, plain


async def _running(v: Victim) -> str:
    return (await a_plan(v.ctx)).id


async def _paused(v: Victim) -> str:
    return (await pause_plan(v.ctx, await _running(v))).id


one(_running, "plan_id", "pause_plan")
one(_running, "plan_id", "preview_migration", "migrate_cases", body={})
one(_paused, "plan_id", "resume_plan")


async def _proposed(v: Victim) -> None:
    """A notice that waits for its release; what earlier cases left open is out of the way."""
    for run in (await list_runs(v.ctx, PageRequest(limit=200))).items:
        if run.state == "open":
            await cancel_run(v.ctx, run.id)
    await a_plan(v.ctx, is_default=True, release="manual", steps=[email_step("first", -9)])
    await a_case(v.ctx, number=fresh("INV")[:40])
    await drain(run_due_cases, v.ctx)


async def _run(v: Victim) -> str:
    await _proposed(v)
    return (await open_run(v.ctx)).id


@case("open_run")
async def _open_run(v: Victim) -> Call:
    await _proposed(v)
    return Call(body={})


@case("exclude_run_items")
async def _exclude_run_items(v: Victim) -> Call:
    run_id = await _run(v)
    (item, *_) = (await list_run_items(v.ctx, run_id, PageRequest(), state="proposed")).items
    return Call(path={"run_id": run_id}, body={"notice_ids": [item.notice_id], "reason": "Hushed words"})


plain("list_runs")
one(_run, "run_id", "get_run", "list_run_items", "run_report", "cancel_run")
one(_run, "run_id", "release_run", body={})
