"""Receivables through both doors."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.conftest import Graph

TERMS: dict[str, Any] = {
    "number": "INV-1",
    "amount": {"amount": "1299", "currency": "CNY"},
    "issued_on": "2026-01-01",
    "due_on": "2026-01-31",
}


async def a_customer(api: httpx.AsyncClient) -> str:
    made: str = (await api.post("/v1/customers", json={"name": "Lanhai", "external_id": "c-1"})).json()["id"]
    return made


async def test_a_receivable_is_created_read_and_listed_in_its_published_form(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    made = await api.post("/v1/receivables", json={**TERMS, "customer_external_id": "c-1", "external_id": "i-1"})
    assert made.status_code == 201
    body = made.json()
    assert body == {
        "id": body["id"],
        "external_id": "i-1",
        "customer_id": customer,
        "number": "INV-1",
        "order_reference": None,
        "contract_reference": None,
        "salesperson": None,
        "amount": {"amount": "1299.00", "currency": "CNY"},
        "charged_amount": {"amount": "0.00", "currency": "CNY"},
        "open_amount": {"amount": "1299.00", "currency": "CNY"},
        "open_parts": {
            "principal": {"amount": "1299.00", "currency": "CNY"},
            "interest": {"amount": "0.00", "currency": "CNY"},
            "fee": {"amount": "0.00", "currency": "CNY"},
            "cost": {"amount": "0.00", "currency": "CNY"},
        },
        "written_off_amount": {"amount": "0.00", "currency": "CNY"},
        "cancelled_on": None,
        "cancellation_reason": None,
        "issued_on": "2026-01-01",
        "due_on": "2026-01-31",
        "due_on_is_provisional": False,
        "payment_terms": None,
        "discount": None,
        "delivery": None,
        "part": None,
        "status": "open",
        "overdue": False,
        "days_overdue": 0,
        "metadata": {},
        "version": 1,
        "created_at": "2026-01-05T01:00:00Z",
        "updated_at": "2026-01-05T01:00:00Z",
    }
    read = await api.get(f"/v1/receivables/{body['id']}")
    assert (read.json(), read.headers["etag"]) == (body, '"1"')
    assert (await api.get("/v1/receivables/external/i-1")).json() == body
    (entry,) = (await api.get(f"/v1/receivables/{body['id']}/entries")).json()["data"]
    assert (entry["kind"], entry["amount"]["amount"], entry["effective_on"]) == ("invoiced", "1299.00", "2026-01-01")


async def test_filters_narrow_the_list_and_belong_to_the_cursor(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    for day in ("2026-01-02", "2026-01-03", "2026-02-01"):
        await api.post("/v1/receivables", json={**TERMS, "customer_id": customer, "due_on": day})

    async def due(query: str) -> list[str]:
        return [item["due_on"] for item in (await api.get(f"/v1/receivables?{query}")).json()["data"]]

    assert await due("overdue=true") == ["2026-01-02", "2026-01-03"]
    assert await due("overdue=false") == ["2026-02-01"]
    assert await due("due_from=2026-01-03&due_to=2026-01-31") == ["2026-01-03"]
    assert await due(f"customer_id={customer}&status=open&limit=1") == ["2026-01-02"]
    assert await due("status=paid") == []
    cursor = (await api.get("/v1/receivables?overdue=true&limit=1")).json()["next_cursor"]
    assert await due(f"overdue=true&cursor={cursor}") == ["2026-01-03"]
    refused = await api.get("/v1/receivables", params={"cursor": cursor})
    assert refused.json()["errors"][0]["code"] == "cursor_of_another_list"
    assert (await api.get("/v1/receivables?status=lost")).status_code == 400


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"due_on": "2025-12-31"}, "/due_on", "due_before_issue"),
        ({"amount": {"amount": "1.005", "currency": "CNY"}}, "/amount/amount", "too_many_digits"),
        ({"amount": {"amount": "1.00", "currency": "XXQ"}}, "/amount/currency", "unknown_currency"),
        ({"amount": {"amount": "0.00", "currency": "CNY"}}, "/amount/amount", "amount_not_positive"),
        ({"amount": {"amount": 12, "currency": "CNY"}}, "/amount/amount", "invalid_value"),
        ({"customer_id": "cus_x"}, "/customer_id", "one_customer_required"),
        ({"status": "paid"}, "/status", "unknown_field"),
    ],
)
async def test_wrong_input_is_pointed_at(
    api: httpx.AsyncClient, changes: dict[str, Any], pointer: str, code: str
) -> None:
    await a_customer(api)
    refused = await api.post("/v1/receivables", json={**TERMS, "customer_external_id": "c-1", **changes})
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]


async def test_put_replaces_patch_changes_and_if_match_guards(api: httpx.AsyncClient) -> None:
    await a_customer(api)
    url = "/v1/receivables/external/i-1"
    first = await api.put(url, json={**TERMS, "customer_external_id": "c-1"})
    assert (first.status_code, (await api.put(url, json={**TERMS, "customer_external_id": "c-1"})).json()) == (
        200,
        first.json(),
    )
    patched = await api.patch(f"/v1/receivables/{first.json()['id']}", json={"due_on": "2026-03-01"})
    assert (patched.json()["due_on"], patched.headers["etag"]) == ("2026-03-01", '"2"')
    lost = await api.put(url, json={**TERMS, "customer_external_id": "c-1"}, headers={"If-Match": '"1"'})
    assert (lost.status_code, lost.json()["code"]) == (412, "version_mismatch")
    other = {**TERMS, "customer_external_id": "c-1", "amount": {"amount": "1.00", "currency": "USD"}}
    refused = await api.put(url, json=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "currency_immutable")
    assert (await api.get("/v1/receivables/external/unknown")).json()["code"] == "receivable_not_found"


async def test_graphql_creates_reads_and_walks_to_customer_and_entries(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    made = await graph(
        """mutation ($input: CreateReceivableInput!) { createReceivable(input: $input) {
             id version amount { amount currency } dueOn overdue customer { id name }
             entries { edges { node { kind amount { amount } effectiveOn } } } } }""",
        {
            "input": {
                "customerId": customer,
                "externalId": "i-1",
                "number": "INV-1",
                "amount": {"amount": "12.50", "currency": "CNY"},
                "issuedOn": "2026-01-01",
                "dueOn": "2026-01-02",
            }
        },
    )
    assert "errors" not in made, made
    receivable = made["data"]["createReceivable"]
    assert receivable["amount"] == {"amount": "12.50", "currency": "CNY"}
    assert (receivable["dueOn"], receivable["overdue"]) == ("2026-01-02", True)
    assert receivable["customer"] == {"id": customer, "name": "Lanhai"}
    (edge,) = receivable["entries"]["edges"]
    assert edge["node"]["kind"] == "invoiced"
    read = await graph(
        """query ($id: ID!) {
             node(id: $id) { id } receivable(id: $id) { status } receivableByExternalId(externalId: "i-1") { id }
             receivables(overdue: true, status: "open", dueTo: "2026-01-03") { edges { node { id } } }
             entries(receivableId: $id) { edges { node { kind } } } }""",
        {"id": receivable["id"]},
    )
    assert read["data"] == {
        "node": {"id": receivable["id"]},
        "receivable": {"status": "open"},
        "receivableByExternalId": {"id": receivable["id"]},
        "receivables": {"edges": [{"node": {"id": receivable["id"]}}]},
        "entries": {"edges": [{"node": {"kind": "invoiced"}}]},
    }


async def test_graphql_puts_updates_and_refuses_with_the_same_codes(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    put = (
        """mutation ($input: PutReceivableInput!) { putReceivable(externalId: "i-1", input: $input) { id version } }"""
    )
    told = {
        "customerId": customer,
        "number": "INV-1",
        "amount": {"amount": "10", "currency": "CNY"},
        "issuedOn": "2026-01-01",
        "dueOn": "2026-01-02",
    }
    made = (await graph(put, {"input": told}))["data"]["putReceivable"]
    update = """mutation ($id: ID!, $input: UpdateReceivableInput!) {
                  updateReceivable(id: $id, input: $input) { number version } }"""
    changed = await graph(update, {"id": made["id"], "input": {"number": "INV-1a"}})
    assert changed["data"]["updateReceivable"] == {"number": "INV-1a", "version": 2}
    refused = await graph(put, {"input": {**told, "dueOn": "2025-01-01"}})
    assert refused["errors"][0]["extensions"]["errors"][0]["code"] == "due_before_issue"
    unknown = await graph('{ receivables(status: "lost") { edges { node { id } } } }')
    assert unknown["errors"][0]["extensions"]["code"] == "invalid_input"


async def test_references_go_through_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    known = {"order_reference": "PO-7", "contract_reference": "C-1", "salesperson": "Wang"}
    made = await api.post("/v1/receivables", json={**TERMS, **known, "customer_id": await a_customer(api)})
    assert {name: made.json()[name] for name in known} == known
    path = f"/v1/receivables/{made.json()['id']}"
    cleared = await api.patch(path, json={"salesperson": None})
    assert (cleared.status_code, cleared.json()["salesperson"]) == (200, None)
    for query in ("contract_reference=C-1", "order_reference=PO-7"):
        assert [r["id"] for r in (await api.get(f"/v1/receivables?{query}")).json()["data"]] == [made.json()["id"]]
    assert (await api.get("/v1/receivables?contract_reference=C-2")).json()["data"] == []
    query = '{ receivables(contractReference: "C-1", orderReference: "PO-7") { edges { node { contractReference } } } }'
    assert (await graph(query))["data"]["receivables"]["edges"] == [{"node": {"contractReference": "C-1"}}]
    refused = await api.patch(path, json={"contract_reference": "a\nb"})
    assert refused.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/contract_reference",
        "code": "control_character",
        "detail": "",
    }
    nul = await api.get("/v1/receivables?contract_reference=%00")
    assert nul.status_code < 500


@pytest.mark.parametrize("number", ["2026/001", "INV/", "a//b", "100%", "发票 7", "a?b#c"])
async def test_an_external_id_may_hold_whatever_an_invoice_number_holds(api: httpx.AsyncClient, number: str) -> None:
    await a_customer(api)
    path = f"/v1/receivables/external/{quote(number, safe='')}"
    put = await api.put(path, json={**TERMS, "customer_external_id": "c-1", "number": number})
    assert put.status_code == 200, put.text
    assert put.json()["external_id"] == number
    assert (await api.get(path)).json()["id"] == put.json()["id"]
