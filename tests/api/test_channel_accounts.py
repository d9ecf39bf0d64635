"""/v1/channel-accounts over HTTP, and the same in GraphQL."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph
from tests.domain.test_channel_accounts import ALIYUN


async def test_the_life_of_an_account(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/channel-accounts", json=ALIYUN)
    assert made.status_code == 201
    assert made.json()["callback_url"].startswith("http")
    url = f"/v1/channel-accounts/{made.json()['id']}"
    found = await api.get(url)
    assert found.headers["etag"] == '"1"'
    assert "callback_url" not in found.json()
    assert "credentials" not in found.json()
    changed = await api.patch(url, json={"messages_per_minute": 30}, headers={"If-Match": '"1"'})
    assert changed.json()["messages_per_minute"] == 30
    assert (await api.post(f"{url}/disable")).json()["state"] == "disabled"
    assert (await api.post(f"{url}/enable")).json()["state"] == "active"
    renewed = await api.post(f"{url}/callback-url")
    assert renewed.json()["callback_url"] != made.json()["callback_url"]
    assert "hushed-secret" not in (await api.get("/v1/events")).text
    assert len((await api.get("/v1/channel-accounts")).json()["data"]) == 1


async def test_a_wrong_setting_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/channel-accounts", json={**ALIYUN, "settings": {"sign_name": 5, "templates": {}}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/settings/sign_name"


async def test_a_contacts_addresses_in_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = (await api.post("/v1/customers", json={"name": "Lanhai"})).json()["id"]
    fields = {"name": "Wang Fang", "addresses": {"wecom": "wm1"}, "opted_out_channels": ["sms"]}
    made = (await api.post(f"/v1/customers/{customer}/contacts", json=fields)).json()
    assert made["addresses"] == {"wecom": "wm1"}
    changed = await graph(
        "mutation($id: ID!, $to: JSON) { updateContact(id: $id, input: {addresses: $to}) { addresses optedOutChannels } }",
        {"id": made["id"], "to": {"push": "t1"}},
    )
    assert changed["data"]["updateContact"] == {"addresses": {"push": "t1"}, "optedOutChannels": ["sms"]}


async def test_accounts_in_graphql(graph: Graph) -> None:
    made = await graph(
        "mutation($input: CreateChannelAccountInput!) { createChannelAccount(input: $input) { id callbackUrl settings } }",
        {"input": {"channel": "letter", "provider": "integrator", "name": "Print shop"}},
    )
    account = made["data"]["createChannelAccount"]
    assert account["settings"] == {}
    found = await graph("query($id: ID!) { channelAccount(id: $id) { state channel } }", {"id": account["id"]})
    assert found["data"]["channelAccount"] == {"state": "active", "channel": "letter"}
