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
