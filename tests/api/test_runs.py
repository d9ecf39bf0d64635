"""Runs through both doors."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step, run_at

FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)


async def _proposed(ctx: Context, count: int = 3) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)], release="manual")
    for n in range(count):
        await a_receivable(ctx, await a_debtor(ctx), number=f"INV-{n}")
    await run_at(ctx, FIRST)


async def test_a_run_is_opened_triaged_released_and_reported(api: httpx.AsyncClient, ctx: Context) -> None:
    none = await api.post("/v1/reminder-runs", json={})
    assert (none.status_code, none.json()["code"]) == (409, "nothing_proposed")
    await _proposed(ctx)
    opened = await api.post("/v1/reminder-runs", json={})
    assert opened.status_code == 201
    run = opened.json()
    path = f"/v1/reminder-runs/{run['id']}"
    assert (run["state"], run["proposed_count"], run["plan_id"]) == ("open", 3, None)
    twice = await api.post("/v1/reminder-runs", json={})
    assert (twice.status_code, twice.json()["code"]) == (409, "run_is_open")
    assert (await api.get("/v1/reminder-runs")).json()["data"] == [(await api.get(path)).json()]

    page = (await api.get(f"{path}/items", params={"limit": 2})).json()
    more = (await api.get(f"{path}/items", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    items = page["data"] + more["data"]
    assert [item["state"] for item in items] == ["proposed"] * 3
    assert items[0]["open_amount"] == {"amount": "1299.00", "currency": "CNY"}
    (notice,) = [(await api.get(f"/v1/notices/{items[0]['notice_id']}")).json()]
    assert notice["state"] == "proposed"

    wrong = await api.post(f"{path}/exclude", json={"notice_ids": ["ntc_x"]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/notice_ids/0")
    excluded = await api.post(f"{path}/exclude", json={"notice_ids": [items[0]["notice_id"]], "reason": "Not now"})
    assert (excluded.status_code, excluded.json()["excluded_count"]) == (200, 1)
    stale = await api.post(f"{path}/release", json={}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    released = await api.post(f"{path}/release", json={})
    assert (released.json()["state"], released.json()["released_count"]) == ("released", 2)
    ended = await api.post(f"{path}/cancel")
    assert (ended.status_code, ended.json()["code"]) == (409, "run_ended")
    assert (await api.get(f"{path}/report")).json() == {
        "run_id": run["id"],
        "state": "released",
        "released_count": 2,
        "sent_count": 0,
        "on_the_way_count": 2,
        "skipped_count": 0,
        "skipped": [],
        "excluded_count": 1,
        "withdrawn_count": 0,
        "withdrawn": [],
        "left_count": 0,
    }
    assert (await api.get("/v1/reminder-runs/run_00000000000000000000000000")).status_code == 404


async def test_the_same_in_graphql(graph: Graph, ctx: Context) -> None:
    await _proposed(ctx, 2)
    opened = await graph("mutation { openReminderRun { id state proposedCount } }")
    run_id = opened["data"]["openReminderRun"]["id"]
    asked = """query ($id: ID!) {
      reminderRunItems(runId: $id, state: "proposed") {
        edges { node { noticeId state customer { id } openAmount { amount } } } }
      reminderRunReport(id: $id) { leftCount }
      reminderRun(id: $id) { state }
    }"""
    told = (await graph(asked, {"id": run_id}))["data"]
    first, second = [edge["node"] for edge in told["reminderRunItems"]["edges"]]
    assert (told["reminderRunReport"]["leftCount"], first["openAmount"]["amount"]) == (2, "1299.00")
    exclude = """mutation ($id: ID!, $notices: [String!]!) {
      excludeReminderRunItems(id: $id, input: {noticeIds: $notices}) { excludedCount } }"""
    excluded = await graph(exclude, {"id": run_id, "notices": [first["noticeId"]]})
    assert excluded["data"]["excludeReminderRunItems"] == {"excludedCount": 1}
    release = "mutation ($id: ID!) { releaseReminderRun(id: $id) { state releasedCount } }"
    assert (await graph(release, {"id": run_id}))["data"]["releaseReminderRun"] == {
        "state": "released",
        "releasedCount": 1,
    }
    assert second["noticeId"] != first["noticeId"]
