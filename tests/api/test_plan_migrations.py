"""Moving cases to another version of their plan through both doors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from domain.dunning.migrations import run_migration
from domain.kernel.context import Context
from domain.operations import work
from tests.api.conftest import Graph
from tests.factories_dunning import a_case, a_plan, email_step, run_at

FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
OLD = [email_step("first", 3), email_step("second", 15, "firm_notice")]
NEW = [email_step("first", 3), email_step("third", 20, "firm_notice")]


async def _republished(api: httpx.AsyncClient, ctx: Context) -> tuple[str, Any]:
    plan = await a_plan(ctx, steps=OLD)
    case = await a_case(ctx)
    await run_at(ctx, FIRST)
    path = f"/v1/reminder-plans/{plan.id}"
    await api.patch(path, json={"steps": NEW})
    assert (await api.post(f"{path}/publish")).status_code == 200
    return path, case


async def test_a_move_is_previewed_and_made(api: httpx.AsyncClient, ctx: Context) -> None:
    path, case = await _republished(api, ctx)
    [told] = (await api.post(f"{path}/migrations/preview", json={})).json()["data"]
    assert (told["case_id"], told["can_move"], told["was_next"]["step_key"]) == (case.id, True, "second")
    coming = {
        "step_key": "third",
        "due_at": "2026-01-30T01:00:00Z",
        "action": "email",
        "outcome": "done",
        "reasons": [],
    }
    assert told["next"] | coming == told["next"]
    assert (told["kept_steps"], told["dropped_steps"], told["skipped_steps"]) == (["first"], ["second"], [])
    started = await api.post(f"{path}/migrations", json={"from_versions": [1]})
    assert started.status_code == 202
    operation = started.json()
    assert (operation["kind"], started.headers["location"]) == ("case_migration", f"/v1/operations/{operation['id']}")
    claimed = await work.claim(ctx, operation["id"])
    assert claimed is not None
    await run_migration(ctx, claimed)
    done = (await api.get(f"/v1/operations/{operation['id']}")).json()
    assert (done["state"], done["result"]) == ("succeeded", {"moved": 1, "not_moved": 0})
    assert (await api.get(f"/v1/cases/{case.id}")).json()["plan_version_id"] == told["to_version_id"]
    assert (await api.post(f"{path}/migrations/preview", json={})).json()["data"] == []
    wrong = await api.post(f"{path}/migrations", json={"from_versions": [7]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/from_versions/0")


async def test_the_same_in_graphql(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    plan_id = (await _republished(api, ctx))[0].rpartition("/")[2]
    asked = """query ($id: ID!) { caseMigrationPreview(planId: $id, fromVersions: [1]) {
      edges { node { canMove next { stepKey dueAt } keptSteps droppedSteps } } } }"""
    (edge,) = (await graph(asked, {"id": plan_id}))["data"]["caseMigrationPreview"]["edges"]
    assert edge["node"]["next"] == {"stepKey": "third", "dueAt": "2026-01-30T01:00:00Z"}
    started = await graph("mutation ($id: ID!) { migrateCases(planId: $id) { kind state } }", {"id": plan_id})
    assert started["data"]["migrateCases"] == {"kind": "case_migration", "state": "pending"}
