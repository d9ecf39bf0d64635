"""Contact addresses through both doors, with and without the scope pii:read."""

from __future__ import annotations

import httpx
import pytest

from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.kernel.context import PlatformContext
from domain.kernel.scopes import TENANT_SCOPES, Scope
from tests.api.conftest import Graph, signed_in

EMAIL, SHOWN = "wang.fang@lanhai.example", "w***@lanhai.example"
PHONE, SHOWN_PHONE = "+8613800006789", "***6789"


@pytest.fixture
async def limited(
    api: httpx.AsyncClient, platform: tuple[PlatformContext, NewClient], tenant: Tenant
) -> dict[str, str]:
    """The headers of another client of the same tenant, which has every scope but pii:read."""
    made = await create_client(platform[0], tenant.id, name="limited", scopes=sorted(TENANT_SCOPES - {Scope.PII_READ}))
    transport = api._transport
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return {"Authorization": (await signed_in(client, made.client_id, made.client_secret)).headers["Authorization"]}


@pytest.fixture
async def contact_path(api: httpx.AsyncClient) -> str:
    """Where a contact with both addresses is read."""
    customer = (await api.post("/v1/customers", json={"name": "Lanhai"})).json()
    body = {"name": "Wang Fang", "email": EMAIL, "phone": PHONE}
    made = await api.post(f"/v1/customers/{customer['id']}/contacts", json=body)
    assert made.json()["email"] == EMAIL
    return f"/v1/contacts/{made.json()['id']}"


async def test_rest_masks_what_it_reads_lists_and_answers_to_writes(
    api: httpx.AsyncClient, limited: dict[str, str], contact_path: str
) -> None:
    read = await api.get(contact_path, headers=limited)
    assert (read.json()["email"], read.json()["phone"]) == (SHOWN, SHOWN_PHONE)
    changed = await api.patch(contact_path, json={"name": "Wang"}, headers=limited)
    assert (changed.status_code, changed.json()["email"]) == (200, SHOWN)
    events = await api.get("/v1/events", headers=limited)
    assert SHOWN in events.text
    for path in (contact_path, f"/v1/customers/{read.json()['customer_id']}/contacts", "/v1/events"):
        assert EMAIL not in (await api.get(path, headers=limited)).text
        assert EMAIL in (await api.get(path)).text


async def test_a_mask_sent_back_is_refused_with_a_clear_code(
    api: httpx.AsyncClient, limited: dict[str, str], contact_path: str
) -> None:
    shown = (await api.get(contact_path, headers=limited)).json()
    fields = {name: shown[name] for name in ("name", "email", "phone")}
    refused = await api.patch(contact_path, json=fields, headers=limited)
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/email", "masked_address"),
        ("/phone", "masked_address"),
    ]
    assert (await api.get(contact_path)).json()["email"] == EMAIL


async def test_a_contact_is_found_by_its_address(
    api: httpx.AsyncClient, limited: dict[str, str], contact_path: str
) -> None:
    found = await api.get("/v1/contacts", params={"email": EMAIL.upper()})
    assert [contact["email"] for contact in found.json()["data"]] == [EMAIL]
    assert (await api.get("/v1/contacts", params={"email": "x@lanhai.example"})).json()["data"] == []
    assert (await api.get("/v1/contacts")).status_code == 400
    refused = await api.get("/v1/contacts", params={"email": EMAIL}, headers=limited)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


async def test_graphql_masks_and_finds_alike(
    api: httpx.AsyncClient, graph: Graph, limited: dict[str, str], contact_path: str
) -> None:
    find = "query($email: String!) { findContacts(email: $email) { edges { node { id email phone } } } }"
    (edge,) = (await graph(find, {"email": EMAIL}))["data"]["findContacts"]["edges"]
    assert (edge["node"]["email"], edge["node"]["phone"]) == (EMAIL, PHONE)
    nested = "{ customers { edges { node { contacts { edges { node { email phone } } } } } } events { edges { node { data } } } }"
    answer = await api.post("/graphql", json={"query": nested}, headers=limited)
    assert "errors" not in answer.json()
    assert SHOWN in answer.text
    assert not any(secret in answer.text for secret in (EMAIL, PHONE))
    refused = await api.post("/graphql", json={"query": find, "variables": {"email": EMAIL}}, headers=limited)
    assert refused.json()["errors"][0]["extensions"]["code"] == "insufficient_scope"


async def test_a_replayed_answer_shows_no_more_than_the_token_may_see(
    api: httpx.AsyncClient, platform: tuple[PlatformContext, NewClient], tenant: Tenant, contact_path: str
) -> None:
    made = await create_client(platform[0], tenant.id, name="both", scopes=sorted(TENANT_SCOPES))
    token = {"grant_type": "client_credentials", "scope": "customers:read customers:write"}
    credentials = (made.client_id, made.client_secret)
    async with httpx.AsyncClient(transport=api._transport, base_url="http://testserver") as client:
        narrow = (await client.post("/oauth/token", data=token, auth=credentials)).json()["access_token"]
        await signed_in(client, *credentials)
        key = {"Idempotency-Key": "one"}
        full = await client.patch(contact_path, json={"name": "Wang"}, headers=key)
        assert full.json()["email"] == EMAIL
        again = await client.patch(
            contact_path, json={"name": "Wang"}, headers={**key, "Authorization": f"Bearer {narrow}"}
        )
    assert again.status_code == 422
    assert EMAIL not in again.text


async def test_only_a_reader_of_addresses_can_have_them_posted(api: httpx.AsyncClient, limited: dict[str, str]) -> None:
    body = {"url": "https://hooks.example/a", "include_pii": True}
    refused = await api.post("/v1/webhook-endpoints", json=body, headers=limited)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert (await api.post("/v1/webhook-endpoints", json=body)).json()["include_pii"] is True
