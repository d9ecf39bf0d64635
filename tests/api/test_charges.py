"""Charges and charge rules through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph
from tests.api.test_payments import a_receivable
from tests.api.test_receivables import a_customer

RULE = {
    "name": "0.1 % a day",
    "component": "interest",
    "terms": {"late_interest": {"rate": "0.001", "rate_period": "day"}},
}


async def test_a_rule_is_registered_shown_charged_and_waived(api: httpx.AsyncClient, graph: Graph) -> None:
    receivable = await a_receivable(api, await a_customer(api), amount={"amount": "1000.00", "currency": "CNY"})
    rule = (await api.post("/v1/charge-rules", json=RULE)).json()
    assert rule["terms"]["late_interest"]["rate"] == "0.001"
    due_on = (await api.get(f"/v1/receivables/{receivable}")).json()["due_on"]
    as_of = f"{int(due_on[:4]) + 1}{due_on[4:]}"
    path = f"/v1/receivables/{receivable}"
    shown = await api.get(f"{path}/charge-preview", params={"rule_id": rule["id"], "as_of": as_of})
    assert shown.json()["due"] == {"amount": "365.00", "currency": "CNY"}
    made = await api.post(f"{path}/rule-charges", json={"rule_id": rule["id"], "as_of": as_of})
    assert (made.status_code, made.json()["amount"]["amount"]) == (201, "365.00")
    waive = 'mutation($id: ID!) { waiveCharge(id: $id, input: {reason: "goodwill"}) { waivedAmount { amount } } }'
    assert (await graph(waive, {"id": made.json()["id"]}))["data"]["waiveCharge"]["waivedAmount"]["amount"] == "365.00"
    assert (await api.get("/v1/charges", params={"receivable_id": receivable})).json()["data"][0]["version"] == 2
    archived = await api.post(f"/v1/charge-rules/{rule['id']}/archive")
    assert archived.json()["state"] == "archived"


async def test_a_rate_that_is_a_number_or_out_of_range_is_refused_where_it_stands(api: httpx.AsyncClient) -> None:
    for rate, code in ((0.001, "invalid_value"), ("11", "rate_out_of_range"), ("1e3", "invalid_value")):
        terms = {"late_interest": {"rate": rate, "rate_period": "day"}}
        refused = await api.post("/v1/charge-rules", json={**RULE, "terms": terms})
        assert refused.status_code == 422
        assert (refused.json()["errors"][0]["pointer"], refused.json()["errors"][0]["code"]) == (
            "/terms/late_interest/rate",
            code,
        )


async def test_the_shipped_rules_tell_their_sources(api: httpx.AsyncClient, graph: Graph) -> None:
    packs = (await api.get("/v1/charge-rule-packs")).json()
    assert {pack["key"] for pack in packs} >= {"contract_thousandth_a_day", "cn_802", "eu_2011_7", "uk_late_payment"}
    asked = await graph(
        "{ chargeRulePacks { key terms { lateInterest { rate } fixed { tiers { amount { amount } } } } } }"
    )
    assert [pack["key"] for pack in asked["data"]["chargeRulePacks"]] == [pack["key"] for pack in packs]
