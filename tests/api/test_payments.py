"""Payments through both doors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Graph
from tests.api.test_receivables import TERMS, a_customer

PAID: dict[str, Any] = {"amount": {"amount": "300.00", "currency": "CNY"}, "received_on": "2026-01-05"}


async def a_receivable(api: httpx.AsyncClient, customer: str, **changes: Any) -> str:
    answer = await api.post("/v1/receivables", json={**TERMS, "customer_id": customer, **changes})
    made: str = answer.json()["id"]
    return made


async def test_a_payment_is_recorded_read_and_listed_with_its_allocations(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    receivable = await a_receivable(api, customer)
    made = await api.post("/v1/payments", json={**PAID, "customer_external_id": "c-1", "external_id": "p-1"})
    assert made.status_code == 201
    body = made.json()
    (allocation,) = body["allocations"]
    assert body == {
        "id": body["id"],
        "external_id": "p-1",
        "customer_id": customer,
        "amount": {"amount": "300.00", "currency": "CNY"},
        "unapplied_amount": {"amount": "0.00", "currency": "CNY"},
        "received_on": "2026-01-05",
        "reference": None,
        "method": None,
        "allocations": [
            {"id": allocation["id"], "receivable_id": receivable, "amount": {"amount": "300.00", "currency": "CNY"}}
        ],
        "state": "recorded",
        "refunded_amount": {"amount": "0.00", "currency": "CNY"},
        "reversed_on": None,
        "reversal_reason": None,
        "version": 1,
        "created_at": "2026-01-05T01:00:00Z",
        "updated_at": "2026-01-05T01:00:00Z",
    }
    assert (await api.get(f"/v1/payments/{body['id']}")).json() == body
    assert (await api.get("/v1/payments/external/p-1")).json() == body
    assert (await api.get(f"/v1/payments?customer_id={customer}")).json() == {"data": [body], "next_cursor": None}
    assert (await api.get("/v1/payments?customer_id=cus_other")).json()["data"] == []
    paid = (await api.get(f"/v1/receivables/{receivable}")).json()
    assert (paid["status"], paid["open_amount"]["amount"]) == ("partly_paid", "999.00")


async def test_an_external_id_makes_recording_repeatable_without_a_key(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    told = {**PAID, "customer_id": customer, "external_id": "p-1"}
    first, again = await api.post("/v1/payments", json=told), await api.post("/v1/payments", json=told)
    assert again.json() == first.json()
    other = await api.post("/v1/payments", json={**told, "reference": "x"})
    assert (other.status_code, other.json()["code"]) == (409, "payment_external_id_taken")


async def test_a_twin_inside_an_idempotent_request_answers_the_recorded_payment(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    told = {**PAID, "customer_id": customer, "external_id": "p-1"}
    answers = [await api.post("/v1/payments", json=told, headers={"Idempotency-Key": f"k-{n}"}) for n in range(2)]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("wish", "pointer", "code"),
    [
        ({"receivable_id": "rcv_x"}, "/allocations/0/receivable_id", "receivable_not_found"),
        ({"receivable_external_id": "i-1", "amount": "301.00"}, "/allocations/0/amount", "allocations_exceed_payment"),
        ({"receivable_external_id": "i-1", "amount": "1.005"}, "/allocations/0/amount", "too_many_digits"),
        ({"receivable_external_id": "i-1", "amount": "all"}, "/allocations/0/amount", "invalid_value"),
        ({"receivable": "i-1"}, "/allocations/0/receivable", "unknown_field"),
    ],
)
async def test_a_wrong_allocation_is_pointed_at(
    api: httpx.AsyncClient, wish: dict[str, Any], pointer: str, code: str
) -> None:
    customer = await a_customer(api)
    await a_receivable(api, customer, external_id="i-1")
    refused = await api.post("/v1/payments", json={**PAID, "customer_id": customer, "allocations": [wish]})
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]


async def test_graphql_records_and_reads_payments(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    first = await a_receivable(api, customer, external_id="i-1", number="A")
    await a_receivable(api, customer, number="B")
    made = await graph(
        """mutation ($input: RecordPaymentInput!) { recordPayment(input: $input) {
             id receivedOn unappliedAmount { amount } customer { name }
             allocations { amount { amount } receivable { id number status } } } }""",
        {
            "input": {
                "customerId": customer,
                "externalId": "p-1",
                "amount": {"amount": "2000.00", "currency": "CNY"},
                "receivedOn": "2026-01-05",
                "allocations": [{"receivableExternalId": "i-1"}],
            }
        },
    )
    assert "errors" not in made, made
    payment = made["data"]["recordPayment"]
    assert payment["unappliedAmount"] == {"amount": "701.00"}
    assert payment["customer"] == {"name": "Lanhai"}
    assert payment["allocations"] == [
        {"amount": {"amount": "1299.00"}, "receivable": {"id": first, "number": "A", "status": "paid"}}
    ]
    read = await graph(
        """query ($id: ID!, $customer: ID!) { payment(id: $id) { id } node(id: $id) { id }
             paymentByExternalId(externalId: "p-1") { id } payments(customerId: $customer) { edges { node { id } } } }""",
        {"id": payment["id"], "customer": customer},
    )
    one = {"id": payment["id"]}
    assert read["data"] == {
        "payment": one,
        "node": one,
        "paymentByExternalId": one,
        "payments": {"edges": [{"node": one}]},
    }
    refused = await graph(
        """mutation ($input: RecordPaymentInput!) { recordPayment(input: $input) { id } }""",
        {"input": {"customerId": customer, "amount": {"amount": "0", "currency": "CNY"}, "receivedOn": "2026-01-05"}},
    )
    assert refused["errors"][0]["extensions"]["errors"][0]["pointer"] == "/amount/amount"


async def test_an_over_payment_is_used_later_refunded_in_part_and_cannot_be_reversed_then(
    api: httpx.AsyncClient,
) -> None:
    customer = await a_customer(api)
    paid = {**PAID, "customer_id": customer, "amount": {"amount": "500.00", "currency": "CNY"}}
    payment = (await api.post("/v1/payments", json=paid)).json()
    assert payment["unapplied_amount"]["amount"] == "500.00"
    receivable = await a_receivable(api, customer)
    path = f"/v1/payments/{payment['id']}"
    used = await api.post(f"{path}/allocations", json={}, headers={"If-Match": '"1"'})
    assert (used.status_code, used.headers["etag"]) == (200, '"2"')
    assert used.json()["unapplied_amount"]["amount"] == "0.00"
    assert (await api.post(f"{path}/allocations", json={})).json()["code"] == "nothing_unapplied"
    allocation = used.json()["allocations"][0]
    moved = await api.delete(f"{path}/allocations/{allocation['id']}")
    assert (moved.status_code, moved.json()["allocations"]) == (200, [])
    assert (await api.get(f"/v1/receivables/{receivable}")).json()["status"] == "open"
    refund = {"amount": {"amount": "120.00", "currency": "CNY"}, "refunded_on": "2026-01-06"}
    assert (await api.post(f"{path}/refunds", json=refund)).status_code == 201
    listed = (await api.get(f"{path}/refunds")).json()["data"]
    assert [one["amount"]["amount"] for one in listed] == ["120.00"]
    too_much = await api.post(f"{path}/refunds", json={**refund, "amount": {"amount": "380.01", "currency": "CNY"}})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_exceeds_unapplied_amount")
    bounced = await api.post(f"{path}/reverse", json={"reason": "bounced", "reversed_on": "2026-01-07"})
    assert (bounced.status_code, bounced.json()["code"]) == (409, "payment_refunded")


async def test_a_bounced_payment_reopens_what_it_settled_and_is_never_moved_again(
    api: httpx.AsyncClient, graph: Graph
) -> None:
    customer = await a_customer(api)
    receivable = await a_receivable(api, customer)
    payment = (await api.post("/v1/payments", json={**PAID, "customer_id": customer})).json()
    mutation = """mutation($id: ID!, $input: ReversePaymentInput!) {
      reversePayment(id: $id, input: $input) { state reversalReason unappliedAmount { amount } allocations { id } } }"""
    early = {"reason": "bounced", "reversedOn": "2026-01-04"}
    refused = await graph(mutation, {"id": payment["id"], "input": early})
    assert refused["errors"][0]["extensions"]["errors"][0]["code"] == "reversed_before_received"
    done = await graph(mutation, {"id": payment["id"], "input": {**early, "reversedOn": "2026-01-08"}})
    assert done["data"]["reversePayment"] == {
        "state": "reversed",
        "reversalReason": "bounced",
        "unappliedAmount": {"amount": "0.00"},
        "allocations": [],
    }
    entries = (await api.get(f"/v1/receivables/{receivable}/entries")).json()["data"]
    assert [(e["kind"], e["amount"]["amount"], e["effective_on"]) for e in entries] == [
        ("invoiced", "1299.00", TERMS["issued_on"]),
        ("allocation", "-300.00", "2026-01-05"),
        ("allocation_reversal", "300.00", "2026-01-08"),
    ]
    again = await api.post(
        f"/v1/payments/{payment['id']}/reverse", json={"reason": "bounced", "reversed_on": "2026-01-08"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "payment_reversed")
