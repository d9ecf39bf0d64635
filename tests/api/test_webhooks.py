"""Webhook endpoints and deliveries through both doors."""

from __future__ import annotations

import httpx

from domain.events.delivering import deliver_due
from domain.events.fan_out import fan_out
from domain.events.webhook_model import WebhookRequest, WebhookResponse
from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories import a_customer

URL = "https://hooks.example/dunwell"


async def _answered(_: WebhookRequest, /) -> WebhookResponse:
    return WebhookResponse(500, excerpt="oh no")


async def test_an_endpoint_lives_from_its_secret_to_its_end(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/webhook-endpoints", json={"url": URL, "event_types": ["receivable.*", "case.opened"]})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    endpoint = made.json()
    secret = endpoint.pop("secret")
    assert secret.startswith("whsec_")
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    read = await api.get(path)
    assert read.json() == endpoint
    assert secret not in read.text
    assert (await api.get("/v1/webhook-endpoints")).json()["data"] == [endpoint]

    stale = await api.patch(path, json={"state": "disabled"}, headers={"If-Match": '"9"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    off = await api.patch(path, json={"state": "disabled"}, headers={"If-Match": '"1"'})
    assert (off.json()["state"], off.json()["disabled_reason"], off.headers["etag"]) == ("disabled", "requested", '"2"')
    everything = await api.patch(path, json={"event_types": [], "state": "enabled"})
    assert (everything.json()["event_types"], everything.json()["state"]) == ([], "enabled")
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).json()["code"] == "webhook_endpoint_not_found"


async def test_the_secret_is_shown_again_only_to_the_same_idempotency_key(api: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "one"}
    first = await api.post("/v1/webhook-endpoints", json={"url": URL}, headers=key)
    again = await api.post("/v1/webhook-endpoints", json={"url": URL}, headers=key)
    assert again.json() == first.json()
    assert len((await api.get("/v1/webhook-endpoints")).json()["data"]) == 1


async def test_wrong_input_is_refused_with_pointers(api: httpx.AsyncClient) -> None:
    for body, pointer in (
        ({}, "/url"),
        ({"url": "ftp://x.example"}, "/url"),
        ({"url": URL, "event_types": ["no.such"]}, "/event_types/0"),
        ({"url": URL, "colour": "red"}, "/colour"),
        ({"url": URL, "event_types": None}, "/event_types"),
        ({"url": URL, "description": "x" * 501}, "/description"),
    ):
        refused = await api.post("/v1/webhook-endpoints", json=body)
        assert refused.status_code == 422, body
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert (await api.get("/v1/webhook-deliveries", params={"state": "lost"})).status_code in (400, 422)


async def test_deliveries_and_attempts_tell_what_happened(api: httpx.AsyncClient, ctx: Context, graph: Graph) -> None:
    made = (await api.post("/v1/webhook-endpoints", json={"url": URL, "event_types": ["customer.created"]})).json()
    customer = await a_customer(ctx)
    await fan_out(ctx)
    await deliver_due(ctx, _answered)
    [event] = (await api.get("/v1/events", params={"object_id": customer.id})).json()["data"]
    listed = await api.get("/v1/webhook-deliveries", params={"endpoint_id": made["id"], "state": "pending"})
    [delivery] = listed.json()["data"]
    assert (delivery["event_id"], delivery["event_sequence"]) == (event["id"], event["sequence"])
    assert (delivery["attempt_count"], delivery["delivered_at"]) == (1, None)
    by_event = await api.get("/v1/webhook-deliveries", params={"event_id": event["id"]})
    assert by_event.json()["data"] == [delivery]
    path = f"/v1/webhook-deliveries/{delivery['id']}"
    assert (await api.get(path)).json() == delivery
    [attempt] = (await api.get(f"{path}/attempts")).json()["data"]
    assert (attempt["number"], attempt["response_status"], attempt["error"]) == (1, 500, "http_status")
    missing = await api.get("/v1/webhook-deliveries/whd_00000000000000000000000000/attempts")
    assert missing.json()["code"] == "webhook_delivery_not_found"

    body = await graph(
        """
        query ($endpoint: ID!, $id: ID!) {
          webhookDeliveries(endpointId: $endpoint) { edges { node { id state attempts { edges { node { error } } } } } }
          webhookDelivery(id: $id) { attemptCount }
          webhookAttempts(deliveryId: $id) { edges { node { number responseStatus responseExcerpt } } }
          node(id: $id) { __typename id }
        }
        """,
        {"endpoint": made["id"], "id": delivery["id"]},
    )
    data = body["data"]
    [edge] = data["webhookDeliveries"]["edges"]
    assert edge["node"]["attempts"]["edges"] == [{"node": {"error": "http_status"}}]
    assert data["webhookDelivery"] == {"attemptCount": 1}
    [tried] = data["webhookAttempts"]["edges"]
    assert tried["node"] == {"number": 1, "responseStatus": 500, "responseExcerpt": "oh no"}
    assert data["node"] == {"__typename": "WebhookDelivery", "id": delivery["id"]}
    wrong = await graph('{ webhookDeliveries(state: "lost") { edges { cursor } } }')
    assert wrong["errors"][0]["extensions"]["code"] == "invalid_input"


async def test_graphql_changes_endpoints_too(graph: Graph) -> None:
    made = await graph(
        "mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { id secret state } }",
        {"input": {"url": URL, "eventTypes": ["case.*"]}},
    )
    endpoint = made["data"]["createWebhookEndpoint"]
    assert endpoint["secret"].startswith("whsec_")
    changed = await graph(
        """
        mutation ($id: ID!, $input: UpdateWebhookEndpointInput!) {
          updateWebhookEndpoint(id: $id, input: $input, expectedVersion: 1) { description eventTypes version }
        }
        """,
        {"id": endpoint["id"], "input": {"description": "ours"}},
    )
    expected = {"description": "ours", "eventTypes": ["case.*"], "version": 2}
    assert changed["data"]["updateWebhookEndpoint"] == expected
    listed = await graph("{ webhookEndpoints { edges { node { id url } } } }")
    assert [edge["node"]["id"] for edge in listed["data"]["webhookEndpoints"]["edges"]] == [endpoint["id"]]
    read = await graph("query ($id: ID!) { webhookEndpoint(id: $id) { url } node(id: $id) { __typename } }", endpoint)
    assert read["data"]["node"] == {"__typename": "WebhookEndpoint"}
    gone = await graph("mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) }", {"id": endpoint["id"]})
    assert gone["data"]["deleteWebhookEndpoint"] == endpoint["id"]
    refused = await graph('mutation { createWebhookEndpoint(input: {url: "ftp://x.example/"}) { id } }')
    assert refused["errors"][0]["extensions"]["code"] == "invalid_input"
