"""Customers through both doors, and the habits that every resource has."""

from __future__ import annotations

import asyncio

import httpx

from tests.api.conftest import Graph


async def test_a_customer_is_created_read_and_listed(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/customers", json={"name": "Lanhai", "external_id": "c-1"})
    assert made.status_code == 201
    read = await api.get(f"/v1/customers/{made.json()['id']}")
    assert (read.json(), read.headers["etag"]) == (made.json(), '"1"')
    assert (await api.get("/v1/customers/external/c-1")).json() == made.json()
    assert (await api.get("/v1/customers")).json() == {"data": [made.json()], "next_cursor": None}


async def test_pages_follow_the_link_header_to_the_end(api: httpx.AsyncClient) -> None:
    made = [(await api.post("/v1/customers", json={"name": f"c{n}"})).json()["id"] for n in range(5)]
    seen, url = [], "/v1/customers?limit=2"
    while url:
        page = await api.get(url)
        seen += [customer["id"] for customer in page.json()["data"]]
        url = page.links.get("next", {}).get("url", "")
    assert seen == made


async def test_a_cursor_of_another_list_is_refused(api: httpx.AsyncClient) -> None:
    customer = (await api.post("/v1/customers", json={"name": "a"})).json()
    await api.post("/v1/customers", json={"name": "b"})
    cursor = (await api.get("/v1/customers?limit=1")).json()["next_cursor"]
    refused = await api.get(f"/v1/customers/{customer['id']}/contacts", params={"cursor": cursor})
    assert refused.json()["errors"][0]["code"] == "cursor_of_another_list"


async def test_an_unknown_field_is_refused_with_its_pointer(api: httpx.AsyncClient) -> None:
    refused = await api.post("/v1/customers", json={"name": "a", "colour": "red"})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["errors"] == [
        {"pointer": "/colour", "code": "unknown_field", "detail": "/colour: Object contains unknown field `colour`"}
    ]


async def test_a_missing_body_is_said_to_be_missing(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/customers")
    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "pointer": "",
        "code": "missing_body",
        "detail": "This call takes a JSON body; send {} if there is nothing to say.",
    }


async def test_a_stale_if_match_is_412(api: httpx.AsyncClient) -> None:
    url = f"/v1/customers/{(await api.post('/v1/customers', json={'name': 'a'})).json()['id']}"
    assert (await api.patch(url, json={"name": "b"}, headers={"If-Match": '"1"'})).status_code == 200
    lost = await api.patch(url, json={"name": "c"}, headers={"If-Match": '"1"'})
    assert (lost.status_code, lost.json()["code"]) == (412, "version_mismatch")


async def test_a_replayed_key_answers_the_same_and_does_nothing(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await api.post("/v1/customers", json={"name": "a"}, headers=headers)
    again = await api.post("/v1/customers", json={"name": "a"}, headers=headers)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await api.get("/v1/customers")).json()["data"]) == 1


async def test_another_request_under_the_same_key_is_422(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    await api.post("/v1/customers", json={"name": "a"}, headers=headers)
    other = await api.post("/v1/customers", json={"name": "b"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refused_request_does_not_use_up_its_key(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert (await api.post("/v1/customers", json={"nam": "a"}, headers=headers)).status_code == 422
    assert (await api.post("/v1/customers", json={"name": "a"}, headers=headers)).status_code == 201


async def test_concurrent_twins_have_one_effect(api: httpx.AsyncClient) -> None:
    async def send() -> int:
        answer = await api.post("/v1/customers", json={"name": "a"}, headers={"Idempotency-Key": "twin"})
        return answer.status_code

    statuses = await asyncio.gather(*(send() for _ in range(8)))
    assert set(statuses) <= {201, 409}
    assert len((await api.get("/v1/customers")).json()["data"]) == 1


async def test_a_nul_character_is_refused_and_not_a_defect(api: httpx.AsyncClient) -> None:
    refused = await api.post("/v1/customers", json={"name": "a\x00b"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unstorable_value")


async def test_both_doors_refuse_the_same_input_with_the_same_code(api: httpx.AsyncClient, graph: Graph) -> None:
    rest = (await api.post("/v1/customers", json={"name": "", "locale": "en"})).json()
    other = (await graph('mutation { createCustomer(input: {name: "", locale: "en"}) { id } }'))["errors"][0]
    assert other["extensions"]["code"] == rest["code"]
    assert other["extensions"]["errors"] == rest["errors"]


async def test_contacts_are_reached_from_their_customer_and_back(graph: Graph) -> None:
    made = await graph('mutation { createCustomer(input: {name: "Lanhai"}) { id } }')
    customer_id = made["data"]["createCustomer"]["id"]
    await graph(
        'mutation($id: ID!) { createContact(customerId: $id, input: {name: "Wang", email: "w@lanhai.example"}) { id } }',
        {"id": customer_id},
    )
    read = await graph(
        "query($id: ID!) { node(id: $id) { ... on Customer { contacts { edges { node { email customer { id } } } } } } }",
        {"id": customer_id},
    )
    assert read["data"]["node"]["contacts"]["edges"] == [
        {"node": {"email": "w@lanhai.example", "customer": {"id": customer_id}}}
    ]
