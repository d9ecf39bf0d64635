"""Aging and balances through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph
from tests.api.test_payments import a_receivable
from tests.api.test_receivables import a_customer

ISSUED = {"issued_on": "2025-10-01", "due_on": "2025-11-30", "amount": {"amount": "1000.00", "currency": "CNY"}}
AS_OF = "2026-01-05"  # 36 days overdue


async def test_aging_leads_down_to_receivables_and_their_balance(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    receivable = await a_receivable(api, customer, **ISSUED)
    received = {"amount": "1.00", "currency": "CNY"}
    paid = await api.post(
        "/v1/payments", json={"customer_id": customer, "amount": received, "received_on": "2026-01-04"}
    )
    assert paid.status_code == 201
    asked = {"as_of": AS_OF, "group_by": "customer", "customer_id": customer}
    (row,) = (await api.get("/v1/aging", params=asked)).json()["data"]
    zero = {"amount": "0.00", "currency": "CNY"}
    left = {"amount": "999.00", "currency": "CNY"}
    assert row == {
        "as_of": AS_OF,
        "customer_id": customer,
        "owner_id": None,
        "grade": None,
        "contract_reference": None,
        "currency": "CNY",
        "current_amount": zero,
        "buckets": [
            {"days_from": 1, "days_to": 30, "amount": zero, "receivable_count": 0},
            {"days_from": 31, "days_to": 60, "amount": left, "receivable_count": 1},
            {"days_from": 61, "days_to": 90, "amount": zero, "receivable_count": 0},
            {"days_from": 91, "days_to": None, "amount": zero, "receivable_count": 0},
        ],
        "open_amount": left,
        "unapplied_amount": zero,
        "disputed_amount": zero,
        "receivable_count": 1,
    }
    within = {"as_of": AS_OF, "customer_id": customer, "currency": "CNY", "days_from": "31", "days_to": "60"}
    (item,) = (await api.get("/v1/aging/receivables", params=within)).json()["data"]
    assert (item["receivable_id"], item["days_overdue"], item["open_amount"]) == (receivable, 36, left)
    before = await api.get(f"/v1/receivables/{receivable}/balance", params={"as_of": "2026-01-03"})
    assert before.json()["open_parts"]["principal"] == {"amount": "1000.00", "currency": "CNY"}
    told = await graph(
        'query($c: ID, $r: ID!) { aging(asOf: "2026-01-05", groupBy: "customer", customerId: $c) { edges { node'
        " { customerId currency buckets { daysTo amount { amount } } } } }"
        ' agingReceivables(asOf: "2026-01-05", customerId: $c, daysFrom: 31) { edges { node { receivableId receivable { dueOn } } } }'
        ' receivableBalance(receivableId: $r, asOf: "2026-01-03") { openAmount { amount } } }',
        {"c": customer, "r": receivable},
    )
    shown = told["data"]
    assert shown["aging"]["edges"][0]["node"]["buckets"][1] == {"daysTo": 60, "amount": {"amount": "999.00"}}
    assert shown["agingReceivables"]["edges"] == [
        {"node": {"receivableId": receivable, "receivable": {"dueOn": "2025-11-30"}}}
    ]
    assert shown["receivableBalance"]["openAmount"]["amount"] == "1000.00"


async def test_pages_follow_each_other_on_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    customers = []
    for name in ("First", "Second"):
        customers.append((await api.post("/v1/customers", json={"name": name})).json()["id"])
        await a_receivable(api, customers[-1], external_id=name, **ISSUED)
    seen: list[str] = []
    path = "/v1/aging?group_by=customer&limit=1"
    while path:
        answer = await api.get(path)
        seen += [row["customer_id"] for row in answer.json()["data"]]
        path = answer.links.get("next", {}).get("url", "")
    assert seen == customers
    query = (
        'query($a: String) { aging(first: 1, after: $a, groupBy: "customer")'
        " { edges { node { customerId } } pageInfo { endCursor hasNextPage } } }"
    )
    found, after = [], None
    while True:
        page = (await graph(query, {"a": after}))["data"]["aging"]
        found += [edge["node"]["customerId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == seen


async def test_what_is_not_a_day_or_a_group_is_refused(api: httpx.AsyncClient, graph: Graph) -> None:
    for path, pointer in (
        ("/v1/aging?as_of=1900-01-01", "as_of"),
        ("/v1/aging?as_of=yesterday", "as_of"),
        ("/v1/aging?group_by=colour", "group_by"),
        ("/v1/aging/receivables?days_to=-1", "days_to"),
        ("/v1/aging/receivables?currency=yuan", "currency"),
    ):
        refused = await api.get(path)
        assert refused.status_code in (400, 422), path
        assert refused.json()["errors"][0]["pointer"].strip("/") == pointer, path
    answer = await graph('{ aging(groupBy: "colour") { edges { node { currency } } } }')
    assert answer["errors"][0]["extensions"]["code"] == "invalid_input"
    missing = await api.get("/v1/receivables/rcv_nobody/balance")
    assert (missing.status_code, missing.json()["code"]) == (404, "receivable_not_found")


async def test_buckets_are_set_in_the_ledger_policy(api: httpx.AsyncClient, graph: Graph) -> None:
    assert (await api.get("/v1/ledger-policy")).json()["aging_bounds"] == [30, 60, 90]
    changed = await api.put("/v1/ledger-policy", json={"aging_bounds": [7, 45]})
    assert changed.json()["aging_bounds"] == [7, 45]
    assert (await graph("{ ledgerPolicy { agingBounds } }"))["data"]["ledgerPolicy"]["agingBounds"] == [7, 45]
    refused = await api.put("/v1/ledger-policy", json={"aging_bounds": [45, 7]})
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/aging_bounds/1", "bounds_not_ascending")
    ]
    assert (await api.put("/v1/ledger-policy", json={})).json()["aging_bounds"] == [30, 60, 90]
