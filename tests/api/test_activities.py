"""Activities through both doors."""

from __future__ import annotations

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_debtor, a_receivable


async def test_an_activity_is_recorded_listed_and_read(api: httpx.AsyncClient, ctx: Context) -> None:
    customer = await a_debtor(ctx)
    receivable = await a_receivable(ctx, customer)
    call = {
        "customer_id": customer.id,
        "receivable_id": receivable.id,
        "kind": "call",
        "outcome": "no_answer",
        "summary": "Nobody answers.",
        "occurred_at": "2026-01-04T09:00:00+08:00",
    }
    made = await api.post("/v1/activities", json=call)
    assert made.status_code == 201
    activity = made.json()
    assert {**call, "occurred_at": "2026-01-04T01:00:00Z"}.items() <= activity.items()
    assert (await api.get(f"/v1/activities/{activity['id']}")).json() == activity
    assert (await api.get("/v1/activities", params={"receivable_id": receivable.id})).json()["data"] == [activity]
    assert (await api.get("/v1/activities", params={"customer_id": "cus_x"})).json()["data"] == []


async def test_wrong_activities_are_refused_with_pointers(api: httpx.AsyncClient, ctx: Context) -> None:
    customer = await a_debtor(ctx)
    right = {"customer_id": customer.id, "kind": "note", "summary": "x"}
    for change, pointer in (
        ({"kind": "dance"}, "/kind"),
        ({"outcome": "fine"}, "/outcome"),
        ({"summary": ""}, "/summary"),
        ({"occurred_at": "yesterday"}, "/occurred_at"),
        ({"occurred_at": "2026-01-04T09:00:00"}, "/occurred_at"),
        ({"mood": "bad"}, "/mood"),
    ):
        refused = await api.post("/v1/activities", json={**right, **change})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    unknown = await api.post("/v1/activities", json={**right, "customer_id": "cus_00000000000000000000000000"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "customer_not_found")


async def test_graphql_records_and_reads_too(graph: Graph, ctx: Context) -> None:
    customer = await a_debtor(ctx)
    made = await graph(
        "mutation ($input: RecordActivityInput!) { recordActivity(input: $input) { id kind customer { id } } }",
        {
            "input": {
                "customerId": customer.id,
                "kind": "visit",
                "summary": "Closed.",
                "occurredAt": "2026-01-04T01:00:00Z",
            }
        },
    )
    activity = made["data"]["recordActivity"]
    assert activity["customer"] == {"id": customer.id}
    read = await graph(
        "query ($id: ID!) { activity(id: $id) { summary occurredAt } activities { edges { node { id } } }"
        " node(id: $id) { __typename } }",
        {"id": activity["id"]},
    )
    assert read["data"]["activity"] == {"summary": "Closed.", "occurredAt": "2026-01-04T01:00:00Z"}
    assert read["data"]["activities"]["edges"] == [{"node": {"id": activity["id"]}}]
    assert read["data"]["node"] == {"__typename": "Activity"}
