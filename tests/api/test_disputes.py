"""Disputes through both doors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import Graph
from tests.api.test_payments import a_receivable
from tests.api.test_receivables import a_customer

HALF = {"amount": "50.00", "currency": "CNY"}


async def test_a_dispute_is_opened_read_changed_and_resolved(api: httpx.AsyncClient, graph: Graph) -> None:
    receivable = await a_receivable(api, await a_customer(api))
    body = {"reason": "goods_damaged", "amount": HALF, "raised_by": "Wang Fang"}
    made = await api.post(f"/v1/receivables/{receivable}/disputes", json=body)
    assert (made.status_code, made.json()["state"], made.headers["ETag"]) == (201, "open", '"1"')
    path = f"/v1/disputes/{made.json()['id']}"
    assert (await api.get(path)).json() == made.json()
    listed = await api.get("/v1/disputes", params={"receivable_id": receivable, "state": "open"})
    assert listed.json()["data"] == [made.json()]
    changed = await api.patch(path, json={"state": "investigating", "assignee": "li"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["state"]) == (200, "investigating")
    assert (await api.patch(path, json={"assignee": "x"}, headers={"If-Match": '"1"'})).status_code == 412
    query = "query($id: ID!) { dispute(id: $id) { reason assignee amount { amount } customer { id } } }"
    found = (await graph(query, {"id": made.json()["id"]}))["data"]["dispute"]
    assert (found["reason"], found["assignee"], found["amount"]) == ("goods_damaged", "li", {"amount": "50.00"})
    ended = await api.post(f"{path}/resolve", json={"outcome": "accepted", "issue_credit": True})
    assert (ended.status_code, ended.json()["accepted_amount"]) == (200, HALF)
    assert ended.json()["credit_note_id"].startswith("crn_")
    again = await api.post(f"{path}/resolve", json={"outcome": "rejected"})
    assert (again.status_code, again.json()["code"]) == (409, "dispute_resolved")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"amount": {"amount": "-5.00", "currency": "CNY"}}, 422, "amount_not_positive"),
        ({"amount": {"amount": "5.00", "currency": "EUR"}}, 422, "currency_mismatch"),
        ({"amount": {"amount": "9999999.00", "currency": "CNY"}}, 409, "dispute_exceeds_open_amount"),
        ({"reason": "bad"}, 422, "invalid_input"),
        ({"raised_by": "\x00"}, 422, "unstorable_value"),
    ],
)
async def test_bad_input_is_refused(api: httpx.AsyncClient, more: dict[str, Any], status: int, code: str) -> None:
    receivable = await a_receivable(api, await a_customer(api))
    refused = await api.post(f"/v1/receivables/{receivable}/disputes", json={"reason": "price", **more})
    told = refused.json()
    assert refused.status_code == status
    assert code in (told["code"], *(error["code"] for error in told.get("errors", [])))
