"""Invoices that are due in several parts, through both doors."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.conftest import Graph
from tests.api.test_receivables import TERMS, a_customer

HALVES: dict[str, Any] = {"parts": [{"due": {"days": 10}}, {"due": {"days": 40}}]}
IN_PARTS = {key: value for key, value in TERMS.items() if key != "due_on"} | {
    "payment_terms": HALVES,
    "external_id": "i-1",
}


async def test_each_part_is_a_receivable_that_is_listed_by_group(api: httpx.AsyncClient) -> None:
    told = {**IN_PARTS, "customer_id": await a_customer(api)}
    made = await api.post("/v1/receivables/in-parts", json=told)
    body = made.json()
    assert made.status_code == 201
    assert [(r["external_id"], r["amount"]["amount"], r["due_on"]) for r in body["receivables"]] == [
        ("i-1/1", "649.50", "2026-01-11"),
        ("i-1/2", "649.50", "2026-02-10"),
    ]
    parts = [{"number": number, "count": 2, "group_id": body["group_id"]} for number in (1, 2)]
    assert [r["part"] for r in body["receivables"]] == parts
    assert (await api.post("/v1/receivables/in-parts", json=told)).json() == body
    listed = await api.get("/v1/receivables", params={"group_id": body["group_id"]})
    assert listed.json()["data"] == body["receivables"]


async def test_what_is_refused_is_told_by_code_and_place(api: httpx.AsyncClient) -> None:
    told = {**IN_PARTS, "customer_id": await a_customer(api)}
    await api.post("/v1/receivables/in-parts", json=told)
    other = await api.post("/v1/receivables/in-parts", json={**told, "number": "INV-2"})
    assert (other.status_code, other.json()["code"]) == (409, "external_id_taken")
    one = await api.post("/v1/receivables/in-parts", json={**told, "payment_terms": {"parts": [{"due": {"days": 10}}]}})
    error = one.json()["errors"][0]
    assert (one.status_code, error["code"]) == (422, "several_parts_required")
    without = {key: value for key, value in told.items() if key != "payment_terms"}
    missing = (await api.post("/v1/receivables/in-parts", json=without)).json()["errors"][0]
    assert (missing["pointer"], missing["code"]) == ("/payment_terms", "missing_field")


async def test_graphql_registers_the_same(api: httpx.AsyncClient, graph: Graph) -> None:
    told = {**IN_PARTS, "customer_id": await a_customer(api)}
    made = (await api.post("/v1/receivables/in-parts", json=told)).json()
    mutation = """mutation ($input: CreateReceivablesInPartsInput!) { createReceivablesInParts(input: $input) {
        groupId receivables { id dueOn part { number count } } } }"""
    same = {
        "customerId": told["customer_id"],
        "number": told["number"],
        "amount": told["amount"],
        "issuedOn": told["issued_on"],
        "paymentTerms": HALVES,
        "externalId": told["external_id"],
    }
    answer = await graph(mutation, {"input": same})
    assert answer["data"]["createReceivablesInParts"] == {
        "groupId": made["group_id"],
        "receivables": [
            {"id": r["id"], "dueOn": r["due_on"], "part": {"number": r["part"]["number"], "count": 2}}
            for r in made["receivables"]
        ],
    }
    refused = await graph(mutation, {"input": {**same, "number": "INV-2"}})
    assert refused["errors"][0]["extensions"]["code"] == "external_id_taken"
