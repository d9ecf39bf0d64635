"""Reconciliations through both doors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Graph
from tests.api.test_payments import a_receivable
from tests.api.test_receivables import a_customer

LIST: dict[str, Any] = {"as_of": "2026-03-01", "currency": "CNY"}
CSV = {"Content-Type": "text/csv"}


async def test_a_list_is_sent_and_its_differences_are_followed_up(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    receivable = await a_receivable(api, customer)
    items = [
        {"number": "inv 1", "amount": "1.00", "due_on": "2026-01-31"},
        {"number": "X-9", "amount": {"amount": "5", "currency": "CNY"}, "reference": "PO"},
    ]
    made = await api.post(f"/v1/customers/{customer}/reconciliations", json={**LIST, "items": items})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    path = f"/v1/reconciliations/{made.json()['id']}"
    assert (await api.get(path)).json() == made.json()
    listed = await api.get("/v1/reconciliations", params={"customer_id": customer, "state": "open"})
    assert listed.json()["data"] == [made.json()]
    found = (await api.get(f"{path}/items")).json()["data"]
    assert [(i["kind"], i["receivable_id"]) for i in found] == [("amount_differs", receivable), ("unknown_to_us", None)]
    assert found[1]["difference_amount"] == {"amount": "-5.00", "currency": "CNY"}
    page = await api.get(f"{path}/items", params={"limit": 1})
    assert (await api.get(page.headers["link"].partition(">")[0][1:])).json()["data"] == found[1:]
    one = f"/v1/reconciliation-items/{found[0]['id']}"
    read = await api.get(one)
    changed = await api.patch(one, json={"state": "in_progress"}, headers={"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["state"], changed.headers["etag"]) == (200, "in_progress", '"2"')
    stale = await api.patch(one, json={"note": "late"}, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    mutation = "mutation($id: ID!, $in: UpdateReconciliationItemInput!) { updateReconciliationItem(id: $id, input: $in) { state } }"
    for item in found:
        told = {"state": "resolved", "resolution": "agreed_ours"}
        done = await graph(mutation, {"id": item["id"], "in": told})
        assert done == {"data": {"updateReconciliationItem": {"state": "resolved"}}}
    again = await graph(mutation, {"id": found[0]["id"], "in": told})
    assert again["errors"][0]["extensions"]["code"] == "difference_resolved"
    assert (await api.get(path)).json()["state"] == "completed"


async def test_a_csv_says_the_same(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    await a_receivable(api, customer)
    path = f"/v1/customers/{customer}/reconciliations"
    text = "number,amount,due_on,reference\n" + '"=HYPERLINK(""http://evil.example"")",7.50,,\n发票１,2,2026-02-28,ab\n'
    for encoding in ("utf-8-sig", "gb18030"):
        headers = {"Content-Type": f"text/csv; charset={'utf-8' if encoding == 'utf-8-sig' else encoding}"}
        made = await api.post(path, params=LIST, content=text.encode(encoding), headers=headers)
        assert made.status_code == 201, made.text
        items = (await api.get(f"/v1/reconciliations/{made.json()['id']}/items")).json()["data"]
        assert [(i["their_number"], i["their_reference"]) for i in items] == [
            ('=HYPERLINK("http://evil.example")', None),
            ("发票１", "ab"),
            (None, None),
        ]


async def test_graphql_takes_a_list_and_pages_through_what_was_found(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    items = [{"number": f"X-{n}", "amount": "1.00"} for n in range(3)]
    mutation = (
        "mutation($id: ID!, $in: CreateReconciliationInput!)"
        " { createReconciliation(customerId: $id, input: $in) { id state customer { name } } }"
    )
    told = {"asOf": "2026-03-01", "currency": "CNY", "items": items}
    made = (await graph(mutation, {"id": customer, "in": told}))["data"]["createReconciliation"]
    assert (made["state"], made["customer"]) == ("open", {"name": "Lanhai"})
    query = (
        "query($id: ID!, $after: String) { reconciliationItems(reconciliationId: $id, first: 2, after: $after,"
        ' kind: "unknown_to_us") { edges { node { theirNumber } } pageInfo { endCursor hasNextPage } } }'
    )
    first = (await graph(query, {"id": made["id"]}))["data"]["reconciliationItems"]
    assert first["pageInfo"]["hasNextPage"]
    rest = await graph(query, {"id": made["id"], "after": first["pageInfo"]["endCursor"]})
    assert rest["data"]["reconciliationItems"]["edges"] == [{"node": {"theirNumber": "X-2"}}]
    wrong = await graph('{ reconciliations(state: "bad") { edges { node { id } } } }')
    assert wrong["errors"][0]["extensions"]["errors"][0]["pointer"] == "/state"


def item(**more: Any) -> dict[str, Any]:
    return {"items": [{"number": "1", "amount": "1.00"}, {"number": "2", "amount": "1.00", **more}]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (item(amount=1.5), "/items/1/amount"),
        (item(amount=1), "/items/1/amount"),
        (item(amount="1234567890123456"), "/items/1/amount"),
        (item(amount="0.001"), "/items/1/amount"),
        (item(amount="-1"), "/items/1/amount"),
        (item(amount={"amount": "1", "currency": "EUR"}), "/items/1/amount/currency"),
        (item(due_on="31.01.2026"), "/items/1/due_on"),
        (item(number=""), "/items/1/number"),
        (item(number="a\x00"), "/items/1/number"),
        (item(color="red"), "/items/1/color"),
        ({"items": []}, "/items"),
        ({"items": [{"number": "1", "amount": "1"}] * 10_001}, "/items"),
        ({**item(), "currency": "XXX"}, "/currency"),
        ({**item(), "as_of": None}, "/as_of"),
        ({**item(), "as_of": "1900-01-01"}, "/as_of"),
    ],
)
async def test_a_wrong_list_is_answered_with_its_place(api: httpx.AsyncClient, body: Any, pointer: str) -> None:
    customer = await a_customer(api)
    refused = await api.post(f"/v1/customers/{customer}/reconciliations", json={**LIST, **body})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
    assert (await api.get("/v1/reconciliations")).json()["data"] == []


@pytest.mark.parametrize(
    ("params", "content", "place"),
    [
        ({}, "number,amount\n1,1\n", ("/as_of", "missing_field")),
        (LIST, "number,amount\n", ("/items", "invalid_value")),
        (LIST, "number,amount\n1,1\n2\n", ("/items/1/amount", "missing_field")),
        (LIST, "number,amount\n1,=1+1\n", ("/items/0/amount", "invalid_value")),
        (LIST, "number,amount,due_on\n1,1,1/2/2026\n", ("/items/0/due_on", "invalid_value")),
        (LIST, "number;amount\n1;1\n", ("", "missing_column")),
        (LIST, "number,amount\n" + "1,1\n" * 10_001, ("/items", "invalid_value")),
    ],
)
async def test_a_wrong_csv_is_answered_with_its_place(
    api: httpx.AsyncClient, params: dict[str, Any], content: str, place: tuple[str, str]
) -> None:
    customer = await a_customer(api)
    path = f"/v1/customers/{customer}/reconciliations"
    refused = await api.post(path, params=params, content=content, headers=CSV)
    assert refused.status_code == 422, refused.text
    error = refused.json()["errors"][0]
    assert (error["pointer"], error["code"]) == place


async def test_what_is_no_list_at_all(api: httpx.AsyncClient) -> None:
    path = f"/v1/customers/{await a_customer(api)}/reconciliations"
    for content, media_type, status in (
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"x", "application/pdf", 415),
        (b" " * 10_000_001, "application/json", 413),
    ):
        refused = await api.post(path, content=content, headers={"Content-Type": media_type})
        assert refused.status_code == status, refused.text
        assert refused.headers["content-type"].startswith("application/problem+json")
    nobody = await api.post(path.replace("cus_", "cus_x"), json={**LIST, **item()})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "customer_not_found")


async def test_a_list_is_taken_once_under_its_key(api: httpx.AsyncClient) -> None:
    path, headers = f"/v1/customers/{await a_customer(api)}/reconciliations", {"Idempotency-Key": "k-1"}
    first, second = [await api.post(path, json={**LIST, **item()}, headers=headers) for _ in range(2)]
    assert (second.status_code, second.json()) == (201, first.json())
    assert len((await api.get("/v1/reconciliations")).json()["data"]) == 1
