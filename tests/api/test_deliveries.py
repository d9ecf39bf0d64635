"""Deliveries through both doors."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.conftest import Graph
from tests.api.test_receivables import TERMS, a_customer

ON_RECEIPT: dict[str, Any] = {"parts": [{"due": {"days": 30}}], "anchor": "received_on"}
WAITING = {key: value for key, value in TERMS.items() if key != "due_on"} | {"payment_terms": ON_RECEIPT}


async def test_a_due_date_waits_for_a_delivery_that_is_put(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    made = (await api.post("/v1/receivables", json={**WAITING, "customer_id": customer})).json()
    assert (made["due_on_is_provisional"], made["delivery"], made["part"]) == (True, None, None)
    url = f"/v1/receivables/{made['id']}/delivery"
    wrong = await api.put(url, json={"delivered_on": "2026-02-02", "received_on": "2026-02-01"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/received_on")
    told = {"received_on": "2026-02-01", "method": "courier", "reference": "SF-1"}
    stale = await api.put(url, json=told, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    put = await api.put(url, json=told, headers={"If-Match": '"1"'})
    body = put.json()
    assert (put.status_code, put.headers["etag"]) == (200, '"2"')
    assert (body["due_on"], body["due_on_is_provisional"]) == ("2026-03-03", False)
    assert body["delivery"] == {**told, "delivered_on": None, "accepted_on": None, "acknowledged_by": None}


async def test_graphql_records_and_shows_the_same(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    made = (await api.post("/v1/receivables", json={**WAITING, "customer_id": customer})).json()
    record = """mutation ($id: ID!, $input: DeliveryInput!) { recordDelivery(receivableId: $id, input: $input) {
        dueOn dueOnIsProvisional delivery { receivedOn method } } }"""
    answer = await graph(record, {"id": made["id"], "input": {"receivedOn": "2026-02-01", "method": "portal"}})
    assert answer["data"]["recordDelivery"] == {
        "dueOn": "2026-03-03",
        "dueOnIsProvisional": False,
        "delivery": {"receivedOn": "2026-02-01", "method": "portal"},
    }
