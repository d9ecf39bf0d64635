"""Payment terms and discounts through both doors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Graph
from tests.api.test_receivables import TERMS, a_customer

TWO_TEN: dict[str, Any] = {"parts": [{"due": {"days": 30}}], "discount": {"rate": "0.02", "days": 10}}
AGREED: dict[str, Any] = {key: value for key, value in TERMS.items() if key != "due_on"} | {
    "amount": {"amount": "1000.00", "currency": "CNY"},
    "payment_terms": TWO_TEN,
}
PUBLISHED = {
    "parts": [{"share": "1", "due": {"kind": "net", "days": 30, "day": None}}],
    "anchor": "issued_on",
    "discount": {"rate": "0.02", "days": 10},
}


def _cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def test_terms_are_registered_shown_and_their_discount_is_earned(api: httpx.AsyncClient) -> None:
    customer = await a_customer(api)
    made = await api.post("/v1/receivables", json={**AGREED, "customer_id": customer})
    assert made.status_code == 201
    body = made.json()
    assert (body["due_on"], body["payment_terms"]) == ("2026-01-31", PUBLISHED)
    offered = {"rate": "0.02", "amount": _cny("20.00"), "until": "2026-01-11", "taken_amount": _cny("0.00")}
    assert body["discount"] == offered
    # What was answered can be sent again.
    again = await api.patch(f"/v1/receivables/{body['id']}", json={"payment_terms": body["payment_terms"]})
    assert again.json() == body
    paid = {"customer_id": customer, "amount": _cny("980.00"), "received_on": "2026-01-11"}
    assert (await api.post("/v1/payments", json=paid)).status_code == 201
    read = (await api.get(f"/v1/receivables/{body['id']}")).json()
    assert (read["status"], read["discount"]) == ("paid", {**offered, "taken_amount": _cny("20.00")})
    entries = (await api.get(f"/v1/receivables/{body['id']}/entries")).json()["data"]
    assert [(entry["kind"], entry["amount"]["amount"]) for entry in entries] == [
        ("invoiced", "1000.00"),
        ("allocation", "-980.00"),
        ("discount", "-20.00"),
    ]
    refused = await api.patch(f"/v1/receivables/{body['id']}", json={"payment_terms": None})
    assert (refused.status_code, refused.json()["code"]) == (409, "discount_taken")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"payment_terms": None}, "/due_on", "due_on_or_payment_terms_required"),
        ({"due_on": "2026-02-01"}, "/due_on", "due_on_differs_from_payment_terms"),
        ({"payment_terms": {**TWO_TEN, "parts": []}}, "/payment_terms/parts", "no_parts"),
        (
            {"payment_terms": {"parts": [{"share": "30", "due": {}}, {"share": "70", "due": {"days": 60}}]}},
            "/payment_terms/parts",
            "several_parts_not_supported",
        ),
        ({"payment_terms": {**TWO_TEN, "anchor": "due_on"}}, "/payment_terms/anchor", "invalid_value"),
        (
            {"payment_terms": {"parts": [{"due": {"days": 3651}}]}},
            "/payment_terms/parts/0/due/days",
            "days_out_of_range",
        ),
        (
            {"payment_terms": {"parts": [{"due": {"kind": "day_of_month"}}]}},
            "/payment_terms/parts/0/due/day",
            "day_of_month_mismatch",
        ),
        (
            {"payment_terms": {"parts": [{"share": "0", "due": {}}]}},
            "/payment_terms/parts/0/share",
            "share_not_positive",
        ),
        (
            {"payment_terms": {**TWO_TEN, "discount": {"rate": 0.02, "days": 10}}},
            "/payment_terms/discount/rate",
            "invalid_value",
        ),
        (
            {"payment_terms": {**TWO_TEN, "discount": {"rate": "1", "days": 10}}},
            "/payment_terms/discount/rate",
            "rate_out_of_range",
        ),
        ({"payment_terms": {"parts": [{}]}}, "/payment_terms/parts/0/due", "missing_field"),
    ],
)
async def test_wrong_terms_are_pointed_at(
    api: httpx.AsyncClient, changes: dict[str, Any], pointer: str, code: str
) -> None:
    await a_customer(api)
    refused = await api.post("/v1/receivables", json={**AGREED, "customer_external_id": "c-1", **changes})
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]


async def test_put_gives_terms_and_takes_them_away_and_patch_does_not_leave_them(api: httpx.AsyncClient) -> None:
    await a_customer(api)
    url = "/v1/receivables/external/i-1"
    made = (await api.put(url, json={**AGREED, "customer_external_id": "c-1"})).json()
    assert (await api.put(url, json={**AGREED, "customer_external_id": "c-1"})).json() == made
    refused = await api.patch(f"/v1/receivables/{made['id']}", json={"due_on": "2026-03-01"})
    assert (refused.status_code, refused.json()["code"]) == (409, "due_on_differs_from_payment_terms")
    plain = await api.put(url, json={**TERMS, "customer_external_id": "c-1"})
    assert (plain.json()["payment_terms"], plain.json()["discount"]) == (None, None)


async def test_graphql_says_and_shows_the_same(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    create = """mutation ($input: CreateReceivableInput!) { createReceivable(input: $input) { id dueOn
        paymentTerms { anchor parts { share due { kind days day } } discount { rate days } }
        discount { rate amount { amount } until takenAmount { amount } } } }"""
    told = {
        "customerId": customer,
        "number": "INV-1",
        "amount": _cny("1000.00"),
        "issuedOn": "2026-01-01",
        "paymentTerms": TWO_TEN,
    }
    made = (await graph(create, {"input": told}))["data"]["createReceivable"]
    assert made["paymentTerms"] == {
        "anchor": "issued_on",
        "parts": [{"share": "1", "due": {"kind": "net", "days": 30, "day": None}}],
        "discount": {"rate": "0.02", "days": 10},
    }
    assert (made["dueOn"], made["discount"]) == (
        "2026-01-31",
        {"rate": "0.02", "amount": {"amount": "20.00"}, "until": "2026-01-11", "takenAmount": {"amount": "0.00"}},
    )
    update = """mutation ($id: ID!, $input: UpdateReceivableInput!) {
        updateReceivable(id: $id, input: $input) { dueOn paymentTerms { anchor } discount { rate } } }"""
    changed = await graph(update, {"id": made["id"], "input": {"paymentTerms": None, "dueOn": "2026-03-01"}})
    assert changed["data"]["updateReceivable"] == {"dueOn": "2026-03-01", "paymentTerms": None, "discount": None}
    neither = {key: value for key, value in told.items() if key != "paymentTerms"}
    for wrong, pointer, code in (
        (neither, "/due_on", "due_on_or_payment_terms_required"),
        ({**told, "paymentTerms": {**TWO_TEN, "parts": []}}, "/payment_terms/parts", "no_parts"),
    ):
        (error,) = (await graph(create, {"input": wrong}))["errors"][0]["extensions"]["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code)
