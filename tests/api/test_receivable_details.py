"""Lines, documents and planned collection dates through both doors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Graph
from tests.api.test_receivables import TERMS, a_customer

LINES: list[dict[str, Any]] = [
    {
        "product": "P-1",
        "description": "钢管",
        "quantity": "2.5",
        "unit": "t",
        "amount": {"amount": "1100.00", "currency": "CNY"},
        "tax_rate": "0.13",
        "tax_amount": {"amount": "143.00", "currency": "CNY"},
    },
    {"description": "Freight", "quantity": "1", "amount": {"amount": "56.00", "currency": "CNY"}},
]
DOCUMENT = {"kind": "proof_of_delivery", "title": "POD", "url": "https://files.example/1.pdf", "sha256": "a" * 64}
ROWS = [{"planned_on": "2026-01-15", "amount": {"amount": "1299.00", "currency": "CNY"}, "note": "all"}]


async def a_path(api: httpx.AsyncClient, **fields: Any) -> str:
    made = await api.post("/v1/receivables", json={**TERMS, "customer_id": await a_customer(api), **fields})
    return f"/v1/receivables/{made.json()['id']}"


async def test_lines_go_through_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    path = await a_path(api, lines=LINES)
    assert "lines" not in (await api.get(path)).json()
    listed = (await api.get(f"{path}/lines")).json()
    assert [(line["position"], line["quantity"], line["tax_rate"]) for line in listed["data"]] == [
        (1, "2.5", "0.13"),
        (2, "1", None),
    ]
    whole = [{"description": "All", "quantity": "1", "amount": {"amount": "1299.00", "currency": "CNY"}}]
    replaced = await api.put(f"{path}/lines", json={"lines": whole}, headers={"If-Match": '"1"'})
    assert (replaced.status_code, replaced.headers["etag"]) == (200, '"2"')
    stale = await api.put(f"{path}/lines", json={"lines": LINES}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    mutation = """mutation ($id: ID!, $input: ReplaceReceivableLinesInput!) {
      replaceReceivableLines(receivableId: $id, input: $input) {
        version lines(first: 1) { edges { node { description quantity taxAmount { amount } } } pageInfo { hasNextPage } } } }"""
    camel = [{**LINES[0], "taxRate": "0.13", "taxAmount": LINES[0]["tax_amount"]}, LINES[1]]
    for name in ("tax_rate", "tax_amount"):
        del camel[0][name]
    answer = await graph(mutation, {"id": path.rpartition("/")[2], "input": {"lines": camel}})
    assert answer["data"]["replaceReceivableLines"] == {
        "version": 3,
        "lines": {
            "edges": [{"node": {"description": "钢管", "quantity": "2.5", "taxAmount": {"amount": "143.00"}}}],
            "pageInfo": {"hasNextPage": True},
        },
    }


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"quantity": "-1"}, "/lines/0/quantity", "quantity_not_positive"),
        ({"quantity": 1}, "/lines/0/quantity", "invalid_value"),
        ({"quantity": "1e3"}, "/lines/0/quantity", "invalid_value"),
        ({"amount": {"amount": "1.001", "currency": "CNY"}}, "/lines/0/amount/amount", "too_many_digits"),
        ({"amount": {"amount": "1100.00", "currency": "EUR"}}, "/lines/0/amount/currency", "currency_mismatch"),
        ({"amount": {"amount": "1.00", "currency": "CNY"}}, "/lines", "lines_do_not_sum"),
        ({"colour": "red"}, "/lines/0/colour", "unknown_field"),
    ],
)
async def test_bad_lines_are_told_at_their_place(
    api: httpx.AsyncClient, changes: dict[str, Any], pointer: str, code: str
) -> None:
    lines = [{**LINES[0], **changes}, LINES[1]]
    body = {**TERMS, "customer_id": await a_customer(api), "lines": lines}
    refused = await api.post("/v1/receivables", json=body)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]


async def test_too_many_lines_are_refused(api: httpx.AsyncClient) -> None:
    path = await a_path(api)
    refused = await api.put(f"{path}/lines", json={"lines": [LINES[1]] * 501})
    assert refused.json()["errors"][0]["pointer"] == "/lines"
    assert 400 <= refused.status_code < 500


async def test_documents_go_through_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    path = await a_path(api)
    made = await api.post(f"{path}/documents", json=DOCUMENT)
    assert (made.status_code, made.json()["kind"], made.json()["removed_at"]) == (201, "proof_of_delivery", None)
    assert (await api.get(f"{path}/documents")).json()["data"] == [made.json()]
    removed = await api.delete(f"{path}/documents/{made.json()['id']}")
    assert (removed.status_code, removed.json()["removed_at"]) == (200, "2026-01-05T01:00:00Z")
    assert (await api.get(f"{path}/documents")).json()["data"] == []
    assert (await api.get(f"{path}/documents?include_removed=true")).json()["data"] == [removed.json()]
    for wrong in ({"url": "javascript:alert(1)"}, {"sha256": "A" * 64}, {"kind": "letter"}, {"sha256": None}):
        refused = await api.post(f"{path}/documents", json={**DOCUMENT, **wrong})
        assert refused.json()["errors"][0]["pointer"] == f"/{next(iter(wrong))}"
    mutation = """mutation ($id: ID!, $input: LinkDocumentInput!) {
      linkDocument(receivableId: $id, input: $input) { title sizeBytes removedAt } }"""
    variables = {"id": path.rpartition("/")[2], "input": {**DOCUMENT, "sizeBytes": 7}}
    assert (await graph(mutation, variables))["data"]["linkDocument"] == {
        "title": "POD",
        "sizeBytes": 7,
        "removedAt": None,
    }
    query = """query ($id: ID!) {
      documents(receivableId: $id) { edges { node { sizeBytes } } }
      all: documents(receivableId: $id, includeRemoved: true) { edges { node { sizeBytes } } } }"""
    assert (await graph(query, {"id": variables["id"]}))["data"] == {
        "documents": {"edges": [{"node": {"sizeBytes": 7}}]},
        "all": {"edges": [{"node": {"sizeBytes": None}}, {"node": {"sizeBytes": 7}}]},
    }


async def test_a_schedule_goes_through_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    path = await a_path(api)
    put = await api.put(f"{path}/collection-schedule", json={"rows": ROWS})
    assert (put.status_code, put.headers["etag"]) == (200, '"2"')
    read = (await api.get(f"{path}/collection-schedule")).json()
    assert (
        read
        == put.json()
        == {
            "receivable_id": path.rpartition("/")[2],
            "planned_amount": {"amount": "1299.00", "currency": "CNY"},
            "settled_amount": {"amount": "0.00", "currency": "CNY"},
            "rows": [
                {
                    **ROWS[0],
                    "covered_amount": {"amount": "0.00", "currency": "CNY"},
                    "overdue": False,
                    "missed_at": None,
                }
            ],
            "version": 2,
        }
    )
    twice = await api.put(f"{path}/collection-schedule", json={"rows": ROWS * 2})
    assert [(e["pointer"], e["code"]) for e in twice.json()["errors"]] == [
        ("/rows/1/planned_on", "dates_not_ascending")
    ]
    mutation = """mutation ($id: ID!, $input: PutCollectionScheduleInput!) {
      putCollectionSchedule(receivableId: $id, input: $input) { rows { plannedOn overdue } } }"""
    rows = [{"plannedOn": "2026-01-02", "amount": ROWS[0]["amount"]}]
    changed = await graph(mutation, {"id": read["receivable_id"], "input": {"rows": rows}})
    expected = {"rows": [{"plannedOn": "2026-01-02", "overdue": True}]}
    assert changed["data"]["putCollectionSchedule"] == expected
    query = "query ($id: ID!) { collectionSchedule(receivableId: $id) { rows { plannedOn overdue } } }"
    assert (await graph(query, {"id": read["receivable_id"]}))["data"]["collectionSchedule"] == expected
