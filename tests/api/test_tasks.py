"""Tasks through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph


async def test_a_task_lives_from_creation_to_its_end(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/tasks", json={"title": "Call", "assignee": "li.na", "due_at": "2026-01-06T01:00:00Z"})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    task = made.json()
    path = f"/v1/tasks/{task['id']}"
    assert (await api.get(path)).json() == task
    stale = await api.patch(path, json={"title": "x"}, headers={"If-Match": '"5"'})
    assert stale.status_code == 412
    moved = await api.patch(path, json={"assignee": None}, headers={"If-Match": '"1"'})
    assert (moved.json()["assignee"], moved.json()["title"], moved.headers["etag"]) == (None, "Call", '"2"')
    done = await api.post(f"{path}/complete", json={"note": "Reached."})
    assert (done.status_code, done.json()["state"], done.json()["completion_note"]) == (200, "completed", "Reached.")
    twice = await api.post(f"{path}/complete", json={})
    assert (twice.status_code, twice.json()["code"]) == (409, "task_already_completed")
    assert (await api.get("/v1/tasks", params={"state": "completed"})).json()["data"] == [done.json()]
    assert (await api.get("/v1/tasks", params={"state": "open"})).json()["data"] == []


async def test_completing_needs_no_body_and_cancelling_takes_none(api: httpx.AsyncClient) -> None:
    first = (await api.post("/v1/tasks", json={"title": "One"})).json()
    second = (await api.post("/v1/tasks", json={"title": "Two"})).json()
    done = await api.post(f"/v1/tasks/{first['id']}/complete")
    assert (done.status_code, done.json()["completion_note"]) == (200, None)
    dropped = await api.post(f"/v1/tasks/{second['id']}/cancel")
    assert (dropped.status_code, dropped.json()["state"]) == (200, "cancelled")
    late = await api.patch(f"/v1/tasks/{second['id']}", json={"title": "Three"})
    assert (late.status_code, late.json()["code"]) == (409, "task_already_cancelled")


async def test_wrong_tasks_are_refused_with_pointers(api: httpx.AsyncClient) -> None:
    for body, pointer in (
        ({}, "/title"),
        ({"title": ""}, "/title"),
        ({"title": "x", "due_at": "soon"}, "/due_at"),
        ({"title": "x", "state": "completed"}, "/state"),
    ):
        refused = await api.post("/v1/tasks", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await api.get("/v1/tasks/tsk_x")).status_code == 404
    assert (await api.post("/v1/tasks/tsk_x/complete", json={"note": 1})).status_code == 422


async def test_graphql_does_all_of_it_too(graph: Graph) -> None:
    made = await graph('mutation { createTask(input: {title: "Call", assignee: "li.na"}) { id state version } }')
    task = made["data"]["createTask"]
    changed = await graph(
        "mutation ($id: ID!) { updateTask(id: $id, input: {assignee: null}, expectedVersion: 1) { assignee title } }",
        task,
    )
    assert changed["data"]["updateTask"] == {"assignee": None, "title": "Call"}
    done = await graph('mutation ($id: ID!) { completeTask(id: $id, note: "Done.") { state completionNote } }', task)
    assert done["data"]["completeTask"] == {"state": "completed", "completionNote": "Done."}
    twice = await graph("mutation ($id: ID!) { cancelTask(id: $id) { id } }", task)
    assert twice["errors"][0]["extensions"]["code"] == "task_already_completed"
    read = await graph(
        'query ($id: ID!) { task(id: $id) { version } tasks(state: "completed") { edges { node { id } } }'
        " node(id: $id) { __typename } }",
        task,
    )
    assert read["data"]["task"] == {"version": 3}
    assert read["data"]["tasks"]["edges"] == [{"node": {"id": task["id"]}}]
    assert read["data"]["node"] == {"__typename": "Task"}
