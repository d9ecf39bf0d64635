"""Write-offs, cancellation and the ledger's policy through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph
from tests.api.test_payments import a_receivable
from tests.api.test_receivables import a_customer


async def test_a_write_off_is_posted_read_listed_and_reversed(api: httpx.AsyncClient, graph: Graph) -> None:
    receivable = await a_receivable(api, await a_customer(api))
    body = {"reason": "uncollectible", "amount": {"amount": "99.00", "currency": "CNY"}}
    made = await api.post(f"/v1/receivables/{receivable}/write-offs", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "effective")
    write_off = made.json()["id"]
    assert (await api.get(f"/v1/write-offs/{write_off}")).json() == made.json()
    listed = await api.get("/v1/write-offs", params={"receivable_id": receivable, "state": "effective"})
    assert listed.json()["data"] == [made.json()]
    reverse = (
        "mutation($id: ID!) { reverseWriteOff(id: $id, input: {}) { state receivable { openAmount { amount } } } }"
    )
    assert (await graph(reverse, {"id": write_off}))["data"]["reverseWriteOff"] == {
        "state": "reversed",
        "receivable": {"openAmount": {"amount": "1299.00"}},
    }


async def test_an_amount_in_another_currency_is_refused_where_it_stands(api: httpx.AsyncClient) -> None:
    receivable = await a_receivable(api, await a_customer(api))
    body = {"reason": "other", "amount": {"amount": "1.00", "currency": "EUR"}}
    refused = await api.post(f"/v1/receivables/{receivable}/write-offs", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "currency_mismatch")


async def test_a_receivable_is_cancelled_with_its_reason(api: httpx.AsyncClient) -> None:
    receivable = await a_receivable(api, await a_customer(api))
    path = f"/v1/receivables/{receivable}/cancel"
    assert (await api.post(path, json={"reason": "x"}, headers={"If-Match": '"7"'})).status_code == 412
    done = await api.post(path, json={"reason": "invoiced twice"}, headers={"If-Match": '"1"'})
    assert (done.status_code, done.json()["status"], done.json()["open_amount"]["amount"]) == (200, "cancelled", "0.00")
    assert (await api.get("/v1/receivables", params={"status": "cancelled"})).json()["data"] == [done.json()]


async def test_the_ledgers_policy_is_replaced_whole(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/ledger-policy")).headers["etag"] == '"0"'
    policy = {"allocation_policy": "pro_rata", "tolerances": [{"amount": "1.00", "currency": "CNY"}]}
    made = await api.put("/v1/ledger-policy", json=policy, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json()["approval_limits"]) == (200, [])
    assert (await api.get("/v1/ledger-policy")).json() == made.json()
    wrong = await api.put("/v1/ledger-policy", json={"tolerances": [{"amount": "1.001", "currency": "CNY"}]})
    assert wrong.json()["errors"][0] == {
        "pointer": "/tolerances/0/amount",
        "code": "too_many_digits",
        "detail": "CNY has 2 decimal digits.",
    }
