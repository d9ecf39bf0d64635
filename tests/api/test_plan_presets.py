"""Shipped reminder plans through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph

QUERY = """
  query { reminderPlanPresets(first: 2) { pageInfo { hasNextPage } edges { node {
    key name description source channels steps { key offsetDays action { ... on TaskAction { title role } } } options { anchor }
  } } } }
"""
INSTALL = """
  mutation ($key: String!, $called: String) { installReminderPlanPreset(key: $key, externalId: $called) { id externalId state } }
"""


async def test_the_presets_are_listed_with_what_they_do(api: httpx.AsyncClient, graph: Graph) -> None:
    answer = await api.get("/v1/reminder-plan-presets")
    found = {one["key"]: one for one in answer.json()["data"]}
    assert len(found) == 5
    assert found["standard"]["channels"] == ["email", "sms"]
    assert found["message_call_letter"]["channels"] == ["sms", "email", "letter"]
    assert found["standard"]["steps"][2]["action"] == {
        "type": "task",
        "assignee": None,
        "title": "Call the customer: 15 days overdue or more",
        "role": "sales_manager",
    }
    first = await api.get("/v1/reminder-plan-presets?limit=2")
    rest = await api.get(f"/v1/reminder-plan-presets?cursor={first.json()['next_cursor']}")
    assert [one["key"] for one in [*first.json()["data"], *rest.json()["data"]]] == list(found)
    page = (await graph(QUERY))["data"]["reminderPlanPresets"]
    assert [edge["node"]["key"] for edge in page["edges"]] == list(found)[:2]
    assert page["pageInfo"]["hasNextPage"] is True


async def test_a_preset_is_installed_once_however_often_it_is_asked_for(api: httpx.AsyncClient, graph: Graph) -> None:
    plans = (await api.get("/v1/reminder-plans")).json()["data"]
    answer = await api.post("/v1/reminder-plan-presets/standard/install")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert answer.json() in plans
    own = await api.post("/v1/reminder-plan-presets/standard/install", json={"external_id": "mine"})
    assert own.json()["draft_version"]["steps"] == answer.json()["draft_version"]["steps"]
    assert own.json()["id"] != answer.json()["id"]
    again = await graph(INSTALL, {"key": "standard", "called": "mine"})
    assert again["data"]["installReminderPlanPreset"] == {
        "id": own.json()["id"],
        "externalId": "mine",
        "state": "draft",
    }
    assert (await api.post(f"/v1/reminder-plans/{own.json()['id']}/publish")).status_code == 200


async def test_an_unknown_preset_is_not_found(api: httpx.AsyncClient, graph: Graph) -> None:
    answer = await api.post("/v1/reminder-plan-presets/nothing/install")
    assert (answer.status_code, answer.json()["code"]) == (404, "reminder_plan_preset_not_found")
    refused = await graph(INSTALL, {"key": "nothing"})
    assert refused["errors"][0]["extensions"]["code"] == "reminder_plan_preset_not_found"
    empty = await api.post("/v1/reminder-plan-presets/standard/install", json={"external_id": ""})
    assert (empty.status_code, empty.json()["errors"][0]["pointer"]) == (422, "/external_id")
