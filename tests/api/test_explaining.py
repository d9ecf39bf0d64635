"""Why a receivable is, or is not, being reminded of, through both doors."""

from __future__ import annotations

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_case, a_plan, at, email_step
from tests.factories_policy import january


async def test_both_doors_tell_what_is_in_the_way(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    case = await a_case(ctx)
    await at(ctx, january(5))
    path = f"/v1/receivables/{case.receivable_id}/explain"
    told = (await api.get(path, params={"texts": "true", "locale": "en"})).json()
    assert told["case"]["id"] == case.id
    assert told["plan"]["winner"]["source"] == "default"
    assert (told["is_allowed"], told["eligible_from"]) == (False, "2026-01-13T01:00:00Z")
    assert told["blockers"] == [
        {"code": "not_due_yet", "message": "The next step is not due yet.", "until": "2026-01-13T01:00:00Z"}
    ]
    step = told["next_step"]
    assert (step["step_key"], step["channel"], step["template_key"]) == ("first", "email", "overdue_notice")
    assert step["subject"]
    assert "INV-1" in step["body"]
    asked = """
    query ($id: ID!) { explainReceivable(id: $id, locale: "zh-CN") {
      isAllowed plan { winner { source } } nextStep { stepKey recipient body } blockers { code message } } }
    """
    graphed = (await graph(asked, {"id": case.receivable_id}))["data"]["explainReceivable"]
    assert graphed["blockers"] == [{"code": "not_due_yet", "message": "下一步骤尚未到期。"}]
    assert (graphed["nextStep"]["stepKey"], graphed["nextStep"]["body"]) == ("first", None)
    missing = await api.get("/v1/receivables/rcv_00000000000000000000000000/explain")
    assert (missing.status_code, missing.json()["code"]) == (404, "receivable_not_found")


async def test_the_timeline_tells_texts_and_recipients(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 10)])
    case = await a_case(ctx)
    await at(ctx, january(5))
    plain = (await api.get(f"/v1/cases/{case.id}/timeline")).json()["future"]
    assert [(one["step_key"], one["subject"]) for one in plain] == [("first", None), ("second", None)]
    first, second = (await api.get(f"/v1/cases/{case.id}/timeline?texts=true")).json()["future"]
    assert (first["channel"], first["outcome"], second["expected_at"]) == ("email", "done", "2026-01-20T01:00:00Z")
    assert first["subject"]
    assert "10" in second["body"]
    asked = "query ($id: ID!) { caseTimeline(id: $id, texts: true) { future { subject body blockers { code } } } }"
    graphed = (await graph(asked, {"id": case.id}))["data"]["caseTimeline"]["future"]
    assert [(one["subject"], one["body"]) for one in graphed] == [
        (first["subject"], first["body"]),
        (second["subject"], second["body"]),
    ]


async def test_a_plan_is_tried_through_both_doors(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    plan = await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 10)])
    await at(ctx, january(5))
    path = f"/v1/reminder-plans/{plan.id}/simulate"
    debt = {"amount": {"amount": "800.00", "currency": "CNY"}, "due_on": "2026-01-10", "tags": ["vip"]}
    answer = await api.post(path, json={"debt": debt, "locale": "en", "most_steps": 1})
    told = answer.json()
    assert (answer.status_code, told["number"], told["is_complete"]) == (200, 1, False)
    (first,) = told["steps"]
    assert (first["step_key"], first["expected_at"], first["channel"]) == ("first", "2026-01-13T01:00:00Z", "email")
    assert "800.00" in first["body"]
    asked = """
    query ($id: ID!, $input: SimulateReminderPlanInput!) { simulatePlan(id: $id, input: $input) {
      number isComplete steps { stepKey body } } }
    """
    graph_debt = {"amount": debt["amount"], "dueOn": debt["due_on"], "tags": ["vip"]}
    wanted = {"debt": graph_debt, "locale": "en", "mostSteps": 1}
    graphed = (await graph(asked, {"id": plan.id, "input": wanted}))["data"]["simulatePlan"]
    assert graphed == {"number": 1, "isComplete": False, "steps": [{"stepKey": "first", "body": first["body"]}]}
    for body, pointer in [
        ({}, "/receivable_id"),
        ({"debt": {**debt, "amount": {"amount": "1.234", "currency": "CNY"}}}, "/debt/amount/amount"),
        ({"debt": debt, "most_steps": 0}, "/most_steps"),
    ]:
        refused = await api.post(path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
