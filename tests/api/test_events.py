"""Events through both doors."""

from __future__ import annotations

from typing import Any

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories import a_customer


async def test_events_are_read_page_by_page(api: httpx.AsyncClient, ctx: Context) -> None:
    for _ in range(3):
        await a_customer(ctx)
    first = await api.get("/v1/events", params={"limit": 2, "type": "customer.created"})
    assert [event["sequence"] for event in first.json()["data"]] == [1, 2]
    assert 'rel="next"' in first.headers["link"]
    cursor = first.json()["next_cursor"]
    rest = await api.get("/v1/events", params={"limit": 2, "type": "customer.created", "cursor": cursor})
    assert [event["sequence"] for event in rest.json()["data"]] == [3]
    assert rest.json()["next_cursor"] is None
    after = await api.get("/v1/events", params={"after": 2})
    assert [event["sequence"] for event in after.json()["data"]] == [3]

    event = after.json()["data"][0]
    assert set(event) == {"id", "sequence", "type", "occurred_at", "object_id", "data"}
    assert event["occurred_at"].endswith("Z")
    assert event["data"]["customer"]["id"] == event["object_id"]
    assert (await api.get(f"/v1/events/{event['id']}")).json() == event
    of_object = await api.get("/v1/events", params={"object_id": event["object_id"]})
    assert of_object.json()["data"] == [event]


async def test_bad_parameters_and_unknown_ids_are_problems(api: httpx.AsyncClient) -> None:
    for params in ({"after": "-1"}, {"after": "x"}, {"after": str(2**70)}, {"cursor": "x"}):
        refused = await api.get("/v1/events", params=params)
        assert refused.status_code in (400, 422)
        assert refused.headers["content-type"].startswith("application/problem+json")
    missing = await api.get("/v1/events/evt_00000000000000000000000000")
    assert (missing.status_code, missing.json()["code"]) == (404, "event_not_found")


async def test_graphql_reads_the_same_events(api: httpx.AsyncClient, ctx: Context, graph: Graph) -> None:
    for _ in range(3):
        await a_customer(ctx)
    query = """
      query ($after: String) { events(first: 2, after: $after, afterSequence: 1) {
        edges { cursor node { id sequence type objectId occurredAt data } } pageInfo { hasNextPage endCursor } } }
    """
    body = await graph(query)
    page: dict[str, Any] = body["data"]["events"]
    assert [edge["node"]["sequence"] for edge in page["edges"]] == [2, 3]
    assert page["pageInfo"]["hasNextPage"] is False
    node = page["edges"][0]["node"]
    rest = (await api.get(f"/v1/events/{node['id']}")).json()
    assert (node["data"], node["occurredAt"]) == (rest["data"], rest["occurred_at"])
    again = await graph(query, {"after": page["edges"][0]["cursor"]})
    assert [edge["node"]["sequence"] for edge in again["data"]["events"]["edges"]] == [3]
    found = await graph(
        "query ($id: ID!) { event(id: $id) { id } node(id: $id) { id __typename } }", {"id": node["id"]}
    )
    assert found["data"]["node"] == {"id": node["id"], "__typename": "Event"}
