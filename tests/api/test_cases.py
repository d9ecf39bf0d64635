"""Cases and escalations through both doors."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_case, a_fee, a_plan, charge_step, email_step, escalation_step, run_at

END = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


async def test_a_case_is_listed_read_and_explained(api: httpx.AsyncClient, ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    await run_at(ctx, datetime(2026, 1, 14, tzinfo=UTC))
    [listed] = (await api.get("/v1/cases", params={"state": "active", "customer_id": case.customer_id})).json()["data"]
    read = await api.get(f"/v1/cases/{case.id}")
    assert (read.json(), read.headers["etag"]) == (listed, f'"{listed["version"]}"')
    assert listed["next_action_at"] == "2026-01-20T01:00:00Z"
    assert (await api.get("/v1/cases", params={"state": "closed"})).json()["data"] == []
    assert (await api.get("/v1/cases", params={"state": "lost"})).status_code in (400, 422)

    timeline = (await api.get(f"/v1/cases/{case.id}/timeline")).json()
    assert timeline["case"] == listed
    assert [(o["step_key"], o["outcome"], o["reasons"]) for o in timeline["past"]] == [
        ("friendly", "skipped", ["due_date_passed"]),
        ("first", "done", []),
    ]
    assert timeline["past"][1]["notice_id"].startswith("ntc_")
    call = timeline["future"][0]
    assert (call["step_key"], call["due_at"], call["expected_at"]) == ("call", *["2026-01-20T01:00:00Z"] * 2)
    assert (call["action"], call["outcome"], call["reasons"], call["blockers"]) == ("task", "done", [], [])
    assert timeline["waiting"] == []
    missing = await api.get("/v1/cases/cas_00000000000000000000000000/timeline")
    assert (missing.status_code, missing.json()["code"]) == (404, "case_not_found")


async def test_the_charge_of_a_step_is_named_through_both_doors(
    api: httpx.AsyncClient, graph: Graph, ctx: Context
) -> None:
    fee = await a_fee(ctx)
    await a_plan(ctx, steps=[charge_step("fee", 3, fee), charge_step("never", 10, fee)])
    case = await a_case(ctx)
    await run_at(ctx, datetime(2026, 1, 14, tzinfo=UTC))
    timeline = (await api.get(f"/v1/cases/{case.id}/timeline")).json()
    [past] = timeline["past"]
    charge = (await api.get(f"/v1/charges/{past['charge_id']}")).json()
    assert (past["action"], past["outcome"]) == ("charge", "done")
    assert (charge["rule_id"], charge["amount"]["amount"], charge["effective_on"]) == (fee.id, "40.00", "2026-01-14")
    (never,) = timeline["future"]
    assert (never["step_key"], never["due_at"], never["action"]) == ("never", "2026-01-20T01:00:00Z", "charge")
    asked = "query ($id: ID!) { caseTimeline(id: $id) { past { chargeId action } future { stepKey action } } }"
    assert (await graph(asked, {"id": case.id}))["data"]["caseTimeline"] == {
        "past": [{"chargeId": charge["id"], "action": "charge"}],
        "future": [{"stepKey": "never", "action": "charge"}],
    }


async def test_graphql_tells_the_same_of_a_case(graph: Graph, ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3), escalation_step("legal", 60)])
    case = await a_case(ctx)
    await run_at(ctx, datetime(2026, 1, 14, tzinfo=UTC))
    body = await graph(
        """
        query ($id: ID!) {
          case(id: $id) { state customer { id } receivable { number } }
          cases(state: "active") { edges { node { id } } }
          caseTimeline(id: $id) {
            case { id } past { stepKey outcome reasons action noticeId } future { stepKey dueAt action }
          }
          node(id: $id) { __typename }
        }
        """,
        {"id": case.id},
    )
    data = body["data"]
    assert data["case"] == {
        "state": "active",
        "customer": {"id": case.customer_id},
        "receivable": {"number": "INV-1"},
    }
    assert data["cases"]["edges"] == [{"node": {"id": case.id}}]
    [past] = data["caseTimeline"]["past"]
    assert (past["stepKey"], past["outcome"], past["action"]) == ("first", "done", "email")
    assert data["caseTimeline"]["future"] == [
        {"stepKey": "legal", "dueAt": "2026-03-11T01:00:00Z", "action": "escalation"}
    ]
    assert data["node"] == {"__typename": "Case"}
    wrong = await graph('{ cases(state: "lost") { edges { cursor } } }')
    assert wrong["errors"][0]["extensions"]["code"] == "invalid_input"
