"""Reminder plans through both doors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Graph
from tests.factories_dunning import LADDER, email_step

PLAN = """
  id name isDefault state version
  publishedVersion { number state steps { key offsetDays timeOfDay action {
    ... on EmailAction { type template } ... on TaskAction { type title assignee } ... on EscalationAction { type level }
  } } }
  draftVersion { number }
"""


async def test_a_plan_is_written_published_and_changed(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/reminder-plans", json={"name": "Standard", "is_default": True, "steps": LADDER})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    plan = made.json()
    assert plan["draft_version"]["steps"] == LADDER
    assert (plan["state"], plan["published_version"]) == ("draft", None)
    path = f"/v1/reminder-plans/{plan['id']}"

    stale = await api.post(f"{path}/publish", headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    published = await api.post(f"{path}/publish", headers={"If-Match": '"1"'})
    assert (published.status_code, published.headers["etag"]) == (200, '"2"')
    assert published.json()["published_version"]["state"] == "published"
    assert (await api.get(path)).json() == published.json()
    *drafts, last = (await api.get("/v1/reminder-plans")).json()["data"]
    assert last == published.json()
    assert {one["external_id"].partition(":")[0] for one in drafts} == {"preset"}

    twice = await api.post(f"{path}/publish")
    assert (twice.status_code, twice.json()["code"]) == (409, "no_draft_version")
    changed = await api.patch(path, json={"name": "Gentle", "steps": [email_step("only", 30)]})
    assert changed.json()["draft_version"]["number"] == 2
    assert changed.json()["published_version"] == published.json()["published_version"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"key": "No Blanks"}, "/steps/0/key"),
        ({"offset_days": 4000}, "/steps/0/offset_days"),
        ({"time_of_day": "25:00"}, "/steps/0/time_of_day"),
        ({"action": {"type": "fax"}}, "/steps/0/action/type"),
        ({"action": {"type": "email"}}, "/steps/0/action/template"),
        ({"action": {"type": "escalation", "level": "army"}}, "/steps/0/action/level"),
        ({"action": {"type": "charge"}}, "/steps/0/action/charge_rule_id"),
        ({"colour": "red"}, "/steps/0/colour"),
    ],
)
async def test_a_wrong_step_is_named_the_same_through_both_doors(
    api: httpx.AsyncClient, graph: Graph, change: dict[str, Any], pointer: str
) -> None:
    step = {**email_step("first", 3), **change}
    refused = await api.post("/v1/reminder-plans", json={"name": "Wrong", "steps": [step]})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    if "colour" in change:
        return  # GraphQL's own validation refuses an unknown field before it comes to us
    body = await graph(
        "mutation ($input: CreateReminderPlanInput!) { createReminderPlan(input: $input) { id } }",
        {"input": {"name": "Wrong", "steps": [_camel(step)]}},
    )
    assert body["errors"][0]["extensions"]["errors"] == refused.json()["errors"]


async def test_repeated_keys_and_unknown_templates_are_refused(api: httpx.AsyncClient) -> None:
    twice = await api.post("/v1/reminder-plans", json={"name": "x", "steps": [LADDER[0], LADDER[0]]})
    assert twice.json()["errors"][0]["code"] == "repeated_key"
    plan = (await api.post("/v1/reminder-plans", json={"name": "x", "steps": [email_step("a", 1, "no_such")]})).json()
    refused = await api.post(f"/v1/reminder-plans/{plan['id']}/publish")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/steps/0/action/template")
    assert (await api.post("/v1/reminder-plans/pln_x/publish")).status_code == 404


async def test_a_step_that_charges_is_the_same_through_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    tiers = [{"amount": {"amount": "40.00", "currency": "CNY"}}]
    fee = {"name": "Fee", "component": "fee", "terms": {"fixed": {"tiers": tiers}}}
    rule = (await api.post("/v1/charge-rules", json=fee)).json()
    step = {**email_step("fee", 3), "action": {"type": "charge", "charge_rule_id": rule["id"]}}
    plan = (await api.post("/v1/reminder-plans", json={"name": "Fees", "steps": [step]})).json()
    assert plan["draft_version"]["steps"] == [step]
    asked = "query ($id: ID!) { reminderPlan(id: $id) { draftVersion { steps { action { ... on ChargeAction { type chargeRuleId } } } } } }"
    read = await graph(asked, {"id": plan["id"]})
    assert read["data"]["reminderPlan"]["draftVersion"]["steps"] == [
        {"action": {"type": "charge", "chargeRuleId": rule["id"]}}
    ]
    await api.post(f"/v1/charge-rules/{rule['id']}/archive")
    refused = await api.post(f"/v1/reminder-plans/{plan['id']}/publish")
    place = {"pointer": "/steps/0/action/charge_rule_id", "code": "charge_rule_archived"}
    assert refused.status_code == 422
    assert [{"pointer": e["pointer"], "code": e["code"]} for e in refused.json()["errors"]] == [place]
    body = await graph("mutation ($id: ID!) { publishReminderPlan(id: $id) { id } }", {"id": plan["id"]})
    assert body["errors"][0]["extensions"]["errors"] == refused.json()["errors"]


async def test_graphql_does_all_of_it_too(graph: Graph) -> None:
    made = await graph(
        "mutation ($input: CreateReminderPlanInput!) { createReminderPlan(input: $input) { id state } }",
        {"input": {"name": "Standard", "isDefault": True, "steps": [_camel(step) for step in LADDER]}},
    )
    plan_id = made["data"]["createReminderPlan"]["id"]
    published = await graph(
        f"mutation ($id: ID!) {{ publishReminderPlan(id: $id, expectedVersion: 1) {{ {PLAN} }} }}", {"id": plan_id}
    )
    plan = published["data"]["publishReminderPlan"]
    assert (plan["state"], plan["version"], plan["draftVersion"]) == ("published", 2, None)
    assert plan["publishedVersion"]["steps"] == [_camel(step) for step in LADDER]
    changed = await graph(
        f'mutation ($id: ID!) {{ updateReminderPlan(id: $id, input: {{name: "Gentle"}}) {{ {PLAN} }} }}',
        {"id": plan_id},
    )
    assert changed["data"]["updateReminderPlan"]["name"] == "Gentle"
    read = await graph(
        f"query ($id: ID!) {{ reminderPlan(id: $id) {{ {PLAN} }} reminderPlans {{ edges {{ node {{ id }} }} }}"
        " node(id: $id) { __typename } }",
        {"id": plan_id},
    )
    assert read["data"]["reminderPlan"] == changed["data"]["updateReminderPlan"]
    assert read["data"]["reminderPlans"]["edges"][-1] == {"node": {"id": plan_id}}
    assert read["data"]["node"] == {"__typename": "ReminderPlan"}


def _camel(step: dict[str, Any]) -> dict[str, Any]:
    words = {"offset_days": "offsetDays", "time_of_day": "timeOfDay"}
    return {words.get(name, name): value for name, value in step.items()}
