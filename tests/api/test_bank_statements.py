"""Bank statements through both doors."""

from __future__ import annotations

import json

import httpx

from domain.kernel.context import Context
from domain.operations.operations import get_operation
from tests.api.conftest import Graph
from tests.bank_files import CAMT
from tests.factories import a_customer
from tests.factories_banking import a_line, read_by_worker
from tests.factories_ledger import a_receivable

FILE = "日期,金额,摘要\n2026-01-05,1000.00,货款INV-2026-001\n"
MAPPING = {"account": "1", "currency": "CNY", "columns": {"booked_on": "日期", "amount": "金额", "remittance": "摘要"}}


async def test_a_statement_is_sent_matched_and_accepted(api: httpx.AsyncClient, ctx: Context) -> None:
    await a_receivable(ctx, await a_customer(ctx), number="INV-2026-001")
    answer = await api.post(
        "/v1/bank-statements",
        params={"mapping": json.dumps(MAPPING)},
        content=FILE.encode("gb18030"),
        headers={"Content-Type": "text/csv; charset=gbk"},
    )
    assert answer.status_code == 202, answer.text
    await read_by_worker(ctx, await get_operation(ctx, answer.json()["id"]))
    result = (await api.get(answer.headers["location"])).json()["result"]
    assert (result["lines"], result["duplicates"], result["states"]) == (1, 0, {"proposed": 1})
    (statement,) = (await api.get("/v1/bank-statements")).json()["data"]
    assert (await api.get(f"/v1/bank-statements/{statement['id']}")).json() == statement
    query = {"statement_id": statement["id"], "state": "proposed"}
    (line,) = (await api.get("/v1/bank-statement-lines", params=query)).json()["data"]
    accepted = await api.post(f"/v1/bank-statement-lines/{line['id']}/accept", json={}, headers={"If-Match": '"1"'})
    assert (accepted.status_code, accepted.json()["state"], accepted.headers["etag"]) == (200, "accepted", '"2"')
    assert (await api.get(f"/v1/bank-statement-lines/{line['id']}")).json() == accepted.json()
    refused = await api.post(f"/v1/bank-statement-lines/{line['id']}/ignore", json={"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "line_already_decided")


async def test_the_format_is_told_by_media_type_or_parameter(api: httpx.AsyncClient) -> None:
    xml = await api.post("/v1/bank-statements", content=CAMT, headers={"Content-Type": "application/xml"})
    assert xml.status_code == 202
    unknown = await api.post("/v1/bank-statements", content=b"x", headers={"Content-Type": "application/pdf"})
    assert unknown.status_code == 415
    no_account = await api.post("/v1/bank-statements?format=csv", content=b"x", headers={"Content-Type": "text/plain"})
    assert (no_account.status_code, no_account.json()["errors"][0]["pointer"]) == (422, "mapping/account")


async def test_graphql_does_the_same(graph: Graph, ctx: Context) -> None:
    sent = await graph('mutation { uploadBankStatement(format: "camt053", content: "<x/>") { kind state } }')
    assert sent["data"]["uploadBankStatement"] == {"kind": "bank_statement", "state": "pending"}
    line = await a_line(ctx, "hello")
    ignored = await graph(
        f'mutation {{ ignoreBankStatementLine(id: "{line.id}", reason: "ours") {{ state ignoredReason }} }}'
    )
    assert ignored["data"]["ignoreBankStatementLine"] == {"state": "ignored", "ignoredReason": "ours"}
