"""Credit notes through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph
from tests.api.test_payments import a_receivable
from tests.api.test_receivables import a_customer


async def test_a_credit_note_is_issued_read_listed_and_cancelled(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    receivable = await a_receivable(api, customer)
    body = {
        "customer_id": customer,
        "number": "CN-1",
        "amount": {"amount": "99.00", "currency": "CNY"},
        "issued_on": "2026-01-06",
        "reason": "price_adjustment",
        "allocations": [{"receivable_id": receivable}],
    }
    made = await api.post("/v1/credit-notes", json=body)
    assert (made.status_code, made.json()["unapplied_amount"]["amount"]) == (201, "0.00")
    path = f"/v1/credit-notes/{made.json()['id']}"
    assert (await api.get(path)).json() == made.json()
    assert (await api.get("/v1/credit-notes", params={"customer_id": customer})).json()["data"] == [made.json()]
    query = "query($id: ID!) { creditNote(id: $id) { number allocations { amount { amount } receivable { id } } } }"
    assert (await graph(query, {"id": made.json()["id"]}))["data"]["creditNote"] == {
        "number": "CN-1",
        "allocations": [{"amount": {"amount": "99.00"}, "receivable": {"id": receivable}}],
    }
    cancelled = await api.post(f"{path}/cancel", headers={"If-Match": '"1"'})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = await api.post(f"{path}/allocations", json={})
    assert (again.status_code, again.json()["code"]) == (409, "credit_note_cancelled")


async def test_a_word_that_is_not_known_is_answered_with_those_that_are(api: httpx.AsyncClient, graph: Graph) -> None:
    body = {"number": "CN-1", "amount": {"amount": "1.00", "currency": "CNY"}, "issued_on": "2026-01-05"}
    known = "billing_error, dispute, goods_returned, other, price_adjustment, rebate"
    detail = f"/reason: Invalid enum value 'bad'; it is one of {known}"
    refused = await api.post("/v1/credit-notes", json={**body, "reason": "bad"})
    assert refused.json()["errors"] == [{"pointer": "/reason", "code": "invalid_value", "detail": detail}]
    terms = {"late_interest": {"rate": "0.001", "rate_period": "week"}}
    nested = await api.post("/v1/charge-rules", json={"name": "R", "component": "interest", "terms": terms})
    assert (
        nested.json()["detail"] == "/terms/late_interest/rate_period: Invalid enum value 'week'; it is one of day, year"
    )
    by_graph = await graph('{ writeOffs(state: "bad") { edges { node { id } } } }')
    assert by_graph["errors"][0]["extensions"]["errors"][0]["detail"] == (
        "/state: Invalid enum value 'bad'; it is one of effective, pending_approval, rejected, reversed"
    )
