"""The options of a reminder plan through both doors."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.conftest import Graph
from tests.factories_dunning import LADDER, email_step
from tests.rules.test_dunning_options import ALL

DEFAULTS: dict[str, Any] = {
    "anchor": "receivable",
    "combine": False,
    "minimum_amount": [],
    "old_debt": {"enter_at": "by_age", "per_day": None},
    "stop_when": None,
    "maximum_notices": None,
    "learn_pay_day": False,
    "next_channel_when_unread_days": None,
    "raise_when_no_reply_days": None,
}


async def test_options_are_kept_beside_the_steps(api: httpx.AsyncClient) -> None:
    plain = (await api.post("/v1/reminder-plans", json={"name": "Plain", "steps": LADDER})).json()
    assert plain["draft_version"]["options"] == DEFAULTS
    made = (await api.post("/v1/reminder-plans", json={"name": "Rich", "steps": LADDER, "options": ALL})).json()
    assert made["draft_version"]["options"] == ALL
    path = f"/v1/reminder-plans/{made['id']}"
    published = (await api.post(f"{path}/publish")).json()
    assert published["published_version"]["options"] == ALL

    same = (await api.patch(path, json={"options": ALL})).json()
    assert same == published
    changed = (await api.patch(path, json={"options": {"maximum_notices": 2}})).json()
    assert changed["draft_version"]["options"] == {**DEFAULTS, "maximum_notices": 2}
    assert changed["draft_version"]["steps"] == LADDER
    steps = (await api.patch(path, json={"steps": [email_step("only", 1)]})).json()
    assert steps["draft_version"]["options"]["maximum_notices"] == 2


async def test_wrong_options_are_named(api: httpx.AsyncClient) -> None:
    refused = await api.post(
        "/v1/reminder-plans", json={"name": "x", "steps": LADDER, "options": {"stop_when": {"field": "colour"}}}
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/options/stop_when")
    refused = await api.post("/v1/reminder-plans", json={"name": "x", "steps": LADDER, "options": {"anchor": "moon"}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/options/anchor")


async def test_graphql_knows_the_options_too(graph: Graph) -> None:
    mutation = """
      mutation ($input: CreateReminderPlanInput!) { createReminderPlan(input: $input) { draftVersion {
        options { anchor maximumNotices stopWhen minimumAmount { amount currency } oldDebt { enterAt perDay } } } } }
    """
    given = {"name": "x", "steps": [], "options": {"stopWhen": ALL["stop_when"], "oldDebt": {"enterAt": "first"}}}
    made = (await graph(mutation, {"input": given}))["data"]["createReminderPlan"]
    assert made["draftVersion"]["options"] == {
        "anchor": "receivable",
        "maximumNotices": None,
        "stopWhen": ALL["stop_when"],
        "minimumAmount": [],
        "oldDebt": {"enterAt": "first", "perDay": None},
    }
