"""Exchange rates and the aging in the base currency through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph
from tests.api.test_payments import a_receivable
from tests.api.test_receivables import a_customer

RATE = {"from_currency": "EUR", "to_currency": "CNY", "rate": "7.8550", "valid_on": "2026-01-04", "source": "ECB"}


async def test_rates_turn_an_aging_into_the_base_currency(api: httpx.AsyncClient, graph: Graph) -> None:
    customer = await a_customer(api)
    await a_receivable(api, customer, amount={"amount": "10.01", "currency": "EUR"})
    (missing,) = (await api.get("/v1/aging/base-currency")).json()["data"]
    assert (missing["open_amount"], missing["missing_rates"][0]["code"]) == (None, "rate_missing")
    put = await api.put("/v1/exchange-rates", json={"rates": [RATE]})
    assert (put.status_code, put.json()) == (200, {"created_count": 1, "unchanged_count": 0, "corrected": []})
    (listed,) = (await api.get("/v1/exchange-rates", params={"from_currency": "EUR", "limit": "1"})).json()["data"]
    assert (listed["rate"], listed["source"], listed["valid_on"]) == ("7.855", "ECB", "2026-01-04")
    (row,) = (await api.get("/v1/aging/base-currency", params={"group_by": "customer"})).json()["data"]
    assert (row["customer_id"], row["open_amount"]) == (customer, {"amount": "78.63", "currency": "CNY"})
    assert row["by_currency"][0]["used_rate"]["quotes"] == [{**RATE, "rate": "7.855"}]
    told = await graph(
        "mutation($i: PutExchangeRatesInput!) { putExchangeRates(input: $i) { createdCount corrected { previousRate } } }",
        {
            "i": {
                "rates": [
                    {"fromCurrency": "EUR", "toCurrency": "CNY", "rate": "8", "validOn": "2026-01-04", "source": "ECB"}
                ]
            }
        },
    )
    assert told["data"]["putExchangeRates"] == {"createdCount": 0, "corrected": [{"previousRate": "7.855"}]}
    shown = await graph(
        "{ exchangeRates(first: 1) { edges { node { rate version } } }"
        " baseCurrencyAging { edges { node { openAmount { amount } byCurrency { usedRate { rate } } } } } }"
    )
    assert shown["data"]["exchangeRates"]["edges"] == [{"node": {"rate": "8", "version": 2}}]
    (edge,) = shown["data"]["baseCurrencyAging"]["edges"]
    assert edge["node"] == {"openAmount": {"amount": "80.08"}, "byCurrency": [{"usedRate": {"rate": "8"}}]}


async def test_what_is_no_rate_is_refused(api: httpx.AsyncClient, graph: Graph) -> None:
    for rate in ("0", "-1", "1e3", "1.0000000000001", "1234567890", 7.85, ""):
        refused = await api.put("/v1/exchange-rates", json={"rates": [{**RATE, "rate": rate}]})
        assert refused.status_code in (400, 422), rate
        assert refused.json()["errors"][0]["pointer"] == "/rates/0/rate", rate
    batches: list[list[dict[str, str]]] = [[], [RATE] * 1001, [{**RATE, "source": "\x00"}]]
    for rates in batches:
        assert (await api.put("/v1/exchange-rates", json={"rates": rates})).status_code in (400, 422)
    for path in ("/v1/exchange-rates?from_currency=yuan", "/v1/aging/base-currency?group_by=currency"):
        assert (await api.get(path)).status_code in (400, 422), path
    answer = await graph('{ baseCurrencyAging(groupBy: "colour") { edges { node { baseCurrency } } } }')
    assert answer["errors"][0]["extensions"]["code"] == "invalid_input"


async def test_the_policy_is_patched(api: httpx.AsyncClient, graph: Graph) -> None:
    await api.put("/v1/ledger-policy", json={"aging_bounds": [7, 45]})
    changed = await api.patch("/v1/ledger-policy", json={"rate_sources": ["PBOC"], "rate_max_age_days": 3})
    assert (changed.json()["aging_bounds"], changed.json()["rate_sources"]) == ([7, 45], ["PBOC"])
    stale = await api.patch("/v1/ledger-policy", json={}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    told = await graph(
        "mutation { updateLedgerPolicy(input: {agingBounds: [9]}) { agingBounds rateSources rateMaxAgeDays } }"
    )
    assert told["data"]["updateLedgerPolicy"] == {"agingBounds": [9], "rateSources": ["PBOC"], "rateMaxAgeDays": 3}
