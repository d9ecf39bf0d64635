"""Pausing, resuming and trying plans through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph
from tests.factories_dunning import LADDER


async def _published(api: httpx.AsyncClient, **more: object) -> str:
    made = await api.post("/v1/reminder-plans", json={"name": "Standard", "steps": LADDER, **more})
    path = f"/v1/reminder-plans/{made.json()['id']}"
    assert (await api.post(f"{path}/publish")).status_code == 200
    return path


async def test_a_plan_is_paused_and_resumed(api: httpx.AsyncClient) -> None:
    path = await _published(api)
    stale = await api.post(f"{path}/pause", headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    paused = await api.post(f"{path}/pause", headers={"If-Match": '"2"'})
    assert (paused.status_code, paused.headers["etag"]) == (200, '"3"')
    assert paused.json()["paused_at"] is not None
    assert (await api.post(f"{path}/pause")).json() == paused.json()
    assert (await api.post(f"{path}/resume")).json()["paused_at"] is None
    assert (await api.post("/v1/reminder-plans/pln_00000000000000000000000000/pause")).status_code == 404


async def test_mode_and_release_are_chosen_and_changed(api: httpx.AsyncClient) -> None:
    path = await _published(api, mode="shadow", release="manual")
    plan = (await api.get(path)).json()
    assert (plan["mode"], plan["release"], plan["paused_at"]) == ("shadow", "manual", None)
    changed = await api.patch(path, json={"mode": "live"})
    assert (changed.json()["mode"], changed.json()["release"]) == ("live", "manual")
    wrong = await api.patch(path, json={"mode": "dark"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/mode")
    await api.patch(path, json={"steps": LADDER[:1]})
    assert (await api.post(f"{path}/publish?mode=shadow")).json()["mode"] == "shadow"


async def test_the_same_in_graphql(api: httpx.AsyncClient, graph: Graph) -> None:
    plan_id = (await _published(api)).rpartition("/")[2]
    wanted = {"id": plan_id}
    paused = await graph("mutation($id: ID!) { pauseReminderPlan(id: $id) { pausedAt mode release } }", wanted)
    assert paused["data"]["pauseReminderPlan"]["pausedAt"] is not None
    resumed = await graph("mutation($id: ID!) { resumeReminderPlan(id: $id) { pausedAt } }", wanted)
    assert resumed["data"] == {"resumeReminderPlan": {"pausedAt": None}}
