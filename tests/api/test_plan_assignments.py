"""Which plan applies, through both doors."""

from __future__ import annotations

import httpx

from domain.dunning.reactions import react
from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_case, a_debtor, a_plan, a_receivable, case_of, drain, email_step

IS_C = {"field": "grade", "op": "eq", "value": "C"}


async def test_a_rule_is_made_asked_changed_applied_and_removed(api: httpx.AsyncClient, ctx: Context) -> None:
    standard = await a_plan(ctx)
    harsh = await a_plan(ctx, name="Harsh", steps=[email_step("only", 1)], is_default=False)
    receivable = await a_receivable(ctx, await a_debtor(ctx, grade="C"))
    await drain(react, ctx)
    segment = (await api.post("/v1/segments", json={"name": "C", "predicate": IS_C})).json()
    body = {"segment_id": segment["id"], "plan_id": harsh.id, "priority": 10}
    made = await api.post("/v1/plan-assignments", json=body)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    rule = made.json()
    assert {**rule, **body} == rule
    assert (await api.get("/v1/plan-assignments")).json()["data"] == [rule]
    effective = (await api.get(f"/v1/receivables/{receivable.id}/effective-plan")).json()
    assert effective == {
        "customer_id": receivable.customer_id,
        "receivable_id": receivable.id,
        "winner": {
            "source": "segment",
            "plan_id": harsh.id,
            "plan_name": "Harsh",
            "plan_version_id": harsh.published_version and harsh.published_version.id,
            "version": 1,
            "does_nothing": False,
            "assignment_id": rule["id"],
            "segment_id": segment["id"],
        },
        "losers": [
            {
                "source": "default",
                "plan_id": standard.id,
                "plan_name": "Standard",
                "version": 1,
                "does_nothing": False,
                "assignment_id": None,
                "segment_id": None,
                "reason": "less_specific",
            }
        ],
        "case_id": (await case_of(ctx, receivable)).id,
        "case_plan_id": standard.id,
    }
    of_customer = (await api.get(f"/v1/customers/{receivable.customer_id}/effective-plan")).json()
    assert (of_customer["winner"], of_customer["receivable_id"]) == (effective["winner"], None)
    applied = await api.post("/v1/plan-assignments/apply")
    assert (applied.status_code, applied.json()["assignment_count"]) == (202, 1)
    await drain(react, ctx)
    assert (await case_of(ctx, receivable)).plan_id == harsh.id
    url = f"/v1/plan-assignments/{rule['id']}"
    assert (await api.delete(f"/v1/segments/{segment['id']}")).json()["code"] == "segment_in_use"
    assert (await api.patch(url, json={"priority": 5}, headers={"If-Match": '"1"'})).json()["priority"] == 5
    assert (await api.patch(url, json={"priority": 0})).status_code == 422
    assert (await api.delete(url, headers={"If-Match": '"2"'})).status_code == 204
    assert (await api.get(url)).json()["code"] == "plan_assignment_not_found"


async def test_a_forged_cursor_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/plan-assignments", params={"cursor": "bm9uZQ"})).status_code == 422


async def test_a_plan_may_do_nothing_and_a_share_may_get_it(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/reminder-plans", json={"name": "Partners", "does_nothing": True, "rollout_percent": 20})
    plan = made.json()
    assert (made.status_code, plan["does_nothing"], plan["rollout_percent"]) == (201, True, 20)
    url = f"/v1/reminder-plans/{plan['id']}"
    assert (await api.post(f"{url}/publish")).json()["state"] == "published"
    assert (await api.patch(url, json={"rollout_percent": 100})).json()["rollout_percent"] == 100
    assert (await api.patch(url, json={"rollout_percent": 101})).json()["errors"][0]["pointer"] == "/rollout_percent"
    steps = [email_step("first", 3)]
    refused = await api.patch(url, json={"steps": steps})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "plan_does_nothing")


async def test_a_customers_plan_is_put_read_and_removed(api: httpx.AsyncClient, ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    gentle = await a_plan(ctx, name="Gentle", steps=[email_step("only", 20)], is_default=False)
    url = f"/v1/customers/{case.customer_id}/reminder-settings"
    none = await api.get(url)
    assert (none.status_code, none.json()["code"]) == (404, "customer_reminder_settings_not_found")
    put = await api.put(url, json={"plan_id": gentle.id})
    assert (put.status_code, put.headers["etag"], put.json()["plan_id"]) == (200, '"1"', gentle.id)
    assert (await api.get(url)).json() == put.json()
    assert (await api.get(f"/v1/cases/{case.id}")).json()["plan_id"] == gentle.id
    assert (await api.put(url, json={})).status_code == 422
    assert (await api.put(url, json={"plan_id": gentle.id}, headers={"If-Match": '"7"'})).status_code == 412
    assert (await api.delete(url)).status_code == 204
    assert (await api.delete(url)).status_code == 404


async def test_graphql_says_and_shows_the_same(graph: Graph, ctx: Context) -> None:
    await a_plan(ctx)
    quiet = await a_plan(ctx, name="Quiet", steps=[], is_default=False, does_nothing=True)
    receivable = await a_receivable(ctx, await a_debtor(ctx, tags=["partner"]))
    made = await graph(
        'mutation($p: JSON!) { createSegment(input: {name: "Partners", predicate: $p}) { id } }',
        {"p": {"field": "tags", "op": "contains", "value": "partner"}},
    )
    fields = {"segmentId": made["data"]["createSegment"]["id"], "planId": quiet.id, "priority": 1}
    rule = await graph(
        "mutation($i: CreatePlanAssignmentInput!) { createPlanAssignment(input: $i) { id priority } }", {"i": fields}
    )
    assert rule["data"]["createPlanAssignment"]["priority"] == 1
    asked = await graph(
        "query($r: ID!) { receivableEffectivePlan(receivableId: $r) { winner { source planName doesNothing }"
        " losers { planName reason } caseId } planAssignments { edges { node { planId } } } }",
        {"r": receivable.id},
    )
    assert asked["data"]["receivableEffectivePlan"] == {
        "winner": {"source": "segment", "planName": "Quiet", "doesNothing": True},
        "losers": [{"planName": "Standard", "reason": "less_specific"}],
        "caseId": None,
    }
    assert asked["data"]["planAssignments"]["edges"] == [{"node": {"planId": quiet.id}}]
    applied = await graph("mutation { applyPlanAssignments { assignmentCount } }")
    assert applied["data"]["applyPlanAssignments"]["assignmentCount"] == 1
