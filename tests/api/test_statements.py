"""Statements through both doors, in every form."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import Graph

URL = "/v1/customers/{}/statement"


@pytest.fixture
async def customer(api: httpx.AsyncClient) -> str:
    """The id of a customer of whose 1,000.00 250.00 are paid."""
    made = await api.post("/v1/customers", json={"external_id": "C-1", "name": "蓝海贸易有限公司"})
    money = {"amount": "1000.00", "currency": "CNY"}
    terms = {"number": "=INV-1", "amount": money, "issued_on": "2025-12-01", "due_on": "2025-12-31"}
    answer = await api.post("/v1/receivables", json={"customer_external_id": "C-1", **terms})
    assert answer.status_code == 201
    paid = {"customer_external_id": "C-1", "amount": {"amount": "250.00", "currency": "CNY"}}
    answer = await api.post("/v1/payments", json={**paid, "received_on": "2026-01-02"})
    assert answer.status_code == 201
    return str(made.json()["id"])


async def test_json_shows_what_is_open_and_a_period_what_happened(api: httpx.AsyncClient, customer: str) -> None:
    answer = await api.get(URL.format(customer))
    assert answer.headers["content-type"] == "application/json"
    (account,) = answer.json()["accounts"]
    assert account["items"][0]["open_amount"] == {"amount": "750.00", "currency": "CNY"}
    assert account["items"][0]["days_overdue"] == 5
    assert account["opening_amount"] is None
    answer = await api.get(URL.format(customer), params={"from": "2026-01-01", "as_of": "2026-01-05"})
    (account,) = answer.json()["accounts"]
    assert account["opening_amount"]["amount"] == "1000.00"
    assert [(line["kind"], line["amount"]["amount"]) for line in account["movements"]] == [("payment", "-250.00")]
    assert account["balance_amount"]["amount"] == "750.00"


async def test_csv_is_safe_for_spreadsheets_and_programs(api: httpx.AsyncClient, customer: str) -> None:
    answer = await api.get(URL.format(customer), headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["vary"] == "Accept"
    name = f"statement_{customer}_2026-01-05.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    lines = answer.content.decode("utf-8").splitlines()
    assert lines[0].startswith("\ufeffline,currency")
    assert lines[1].startswith("receivable,CNY,'=INV-1,2025-12-01,2025-12-31,5,1000.00,250.00,750.00,rcv_")
    answer = await api.get(URL.format(customer), params={"format": "csv", "bom": "false", "from": "2026-01-01"})
    assert answer.content.startswith(b"line,currency")
    assert f"_{'2026-01-01_2026-01-05'}.csv" in answer.headers["content-disposition"]


async def test_pdf_is_a_file_that_is_the_same_each_time(api: httpx.AsyncClient, customer: str) -> None:
    answer = await api.get(URL.format(customer), headers={"Accept": "application/pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith('.pdf"')
    assert answer.content.startswith(b"%PDF-")
    again = await api.get(URL.format(customer), params={"format": "pdf"}, headers={"Accept": "application/json"})
    assert again.content == answer.content


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        ("image/png", 406, "application/problem+json"),
        ("image/png, application/pdf;q=0.5", 200, "application/pdf"),
        ("*/*", 200, "application/json"),
        ("text/*", 200, "text/csv"),
    ],
)
async def test_the_form_is_the_one_that_is_accepted(
    api: httpx.AsyncClient, customer: str, accept: str, status: int, kind: str
) -> None:
    answer = await api.get(URL.format(customer), headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)
    if status == 406:
        assert answer.json()["code"] == "not_acceptable"


@pytest.mark.parametrize("form", ["json", "csv", "pdf"])
async def test_refusals_are_problems_in_every_form(api: httpx.AsyncClient, customer: str, form: str) -> None:
    wrong = {"from": "2026-02-01", "as_of": "2026-01-01", "format": form}
    answer = await api.get(URL.format(customer), params=wrong)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "period_backwards")
    answer = await api.get(URL.format("cus_nobody"), params={"format": form})
    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
    assert (await api.get(URL.format(customer), params={"format": "xls"})).status_code == 400


async def test_graphql_has_the_same_data(graph: Graph, customer: str) -> None:
    query = """query($id: ID!, $from: Date) { statement(customerId: $id, fromOn: $from) {
      customerName asOf accounts { currency openAmount { amount } openingAmount { amount }
      items { number openAmount { amount } } movements { kind amount { amount } } } } }"""
    told = (await graph(query, {"id": customer}))["data"]["statement"]
    assert (told["customerName"], told["asOf"]) == ("蓝海贸易有限公司", "2026-01-05")
    assert told["accounts"][0]["items"] == [{"number": "=INV-1", "openAmount": {"amount": "750.00"}}]
    told = (await graph(query, {"id": customer, "from": "2026-01-01"}))["data"]["statement"]
    assert told["accounts"][0]["openingAmount"] == {"amount": "1000.00"}
    assert told["accounts"][0]["movements"] == [{"kind": "payment", "amount": {"amount": "-250.00"}}]
    refused = await graph('query($id: ID!) { statement(customerId: $id, currency: "yuan") { asOf } }', {"id": customer})
    assert refused["errors"][0]["extensions"]["code"] == "invalid_input"
