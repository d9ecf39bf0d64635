"""Imports through both doors."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from domain.importing import imports
from domain.importing.model import MEDIA_TYPES
from domain.kernel.context import Context
from domain.operations.operations import get_operation
from tests.api.conftest import Graph
from tests.factories_ledger import worked_off
from tests.workbooks import workbook

HEADER = "external_id,customer_external_id,amount,currency,issued_on,due_on,customer_name\n"
FILE = HEADER + "i-1,c-1,100.00,CNY,2026-01-01,2026-01-31,蓝海贸易\ni-2,c-1,x,CNY,2026-01-01,2026-01-31,蓝海贸易\n"
CSV = {"Content-Type": "text/csv"}


async def test_a_file_is_streamed_in_and_its_operation_tells_the_rest(api: httpx.AsyncClient, ctx: Context) -> None:
    async def body() -> AsyncIterator[bytes]:
        for piece in FILE.encode("gb18030").splitlines(keepends=True):
            yield piece

    answer = await api.post(
        "/v1/imports?kind=receivables", content=body(), headers={"Content-Type": "text/csv; charset=gbk"}
    )
    assert answer.status_code == 202
    operation = answer.json()
    assert (operation["kind"], operation["state"], operation["dry_run"]) == ("import", "pending", False)
    assert answer.headers["location"] == f"/v1/operations/{operation['id']}"
    await worked_off(ctx, await get_operation(ctx, operation["id"]))
    done = (await api.get(answer.headers["location"])).json()
    assert (done["state"], done["result"]) == ("succeeded", {"rows": 2})
    assert done["progress"] == {"processed": 2, "created": 1, "updated": 0, "unchanged": 0, "failed": 1}
    errors = (await api.get(f"{answer.headers['location']}/errors")).json()["data"]
    assert [(e["line"], e["column"], e["code"], e["value"]) for e in errors] == [
        (3, "amount", "unparsable_amount", "x")
    ]
    assert (await api.get("/v1/customers/external/c-1")).json()["name"] == "蓝海贸易"


async def test_mapping_and_dry_run_come_as_parameters(api: httpx.AsyncClient, ctx: Context) -> None:
    mapping = {"columns": {"external_id": "Code", "name": "Name"}}
    answer = await api.post(
        "/v1/imports",
        params={"kind": "customers", "dry_run": "true", "mapping": json.dumps(mapping)},
        content=b"Code,Name\nc-1,One\n",
        headers=CSV,
    )
    operation = await worked_off(ctx, await get_operation(ctx, answer.json()["id"]))
    assert (operation.dry_run, operation.progress.created) == (True, 1)
    assert (await api.get("/v1/customers")).json()["data"] == []


@pytest.mark.parametrize(
    ("query", "headers", "status", "code", "pointer"),
    [
        ("", CSV, 400, "invalid_input", None),
        ("kind=invoices", CSV, 400, "invalid_input", "kind"),
        ("kind=customers", {"Content-Type": "application/json"}, 415, "unsupported_media_type", None),
        ("kind=customers", {"Content-Type": "text/csv; charset=latin-1"}, 422, "invalid_input", "Content-Type"),
        ("kind=customers&mapping=[]", CSV, 422, "invalid_input", "mapping"),
        ("kind=customers&mapping={", CSV, 422, "invalid_input", "mapping"),
        ('kind=customers&mapping={"columns":{"due":"x"}}', CSV, 422, "invalid_input", "mapping/columns/due"),
    ],
)
async def test_a_request_that_cannot_work_is_refused_at_once(
    api: httpx.AsyncClient, query: str, headers: dict[str, str], status: int, code: str, pointer: str | None
) -> None:
    refused = await api.post(f"/v1/imports?{query}", content=FILE.encode(), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer] if pointer else True
    assert (await api.get("/v1/operations")).json()["data"] == []


async def test_too_large_a_file_is_413(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LARGEST_FILE", 10)
    refused = await api.post("/v1/imports?kind=customers", content=FILE.encode(), headers=CSV)
    assert (refused.status_code, refused.json()["code"]) == (413, "import_too_large")


async def test_the_same_file_under_the_same_key_is_one_import(api: httpx.AsyncClient) -> None:
    headers = {**CSV, "Idempotency-Key": "k-1"}
    answers = [await api.post("/v1/imports?kind=receivables", content=FILE.encode(), headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await api.get("/v1/operations")).json()["data"]) == 1


async def test_the_document_says_that_the_body_is_a_file(anonymous: httpx.AsyncClient) -> None:
    document = (await anonymous.get("/openapi.json")).json()
    body = document["paths"]["/v1/imports"]["post"]["requestBody"]
    assert (list(body["content"]), body["required"]) == (list(MEDIA_TYPES), True)


async def test_graphql_takes_a_file_as_text(graph: Graph, ctx: Context) -> None:
    mutation = """mutation ($content: String!, $mapping: JSON) {
        createImport(kind: "receivables", content: $content, mapping: $mapping, dryRun: false) { id kind state dryRun } }"""
    answer = await graph(
        mutation,
        {"content": FILE.replace(",currency", "").replace(",CNY", ""), "mapping": {"defaults": {"currency": "CNY"}}},
    )
    operation = answer["data"]["createImport"]
    assert (operation["kind"], operation["state"], operation["dryRun"]) == ("import", "pending", False)
    done = await worked_off(ctx, await get_operation(ctx, operation["id"]))
    assert (done.progress.created, done.progress.failed) == (1, 1)
    refused = await graph(mutation, {"content": "", "mapping": {"date_format": "YY"}})
    assert refused["errors"][0]["extensions"]["errors"][0]["pointer"] == "mapping/date_format"
    wrong = await graph('mutation { createImport(kind: "invoices", content: "") { id } }')
    assert wrong["errors"][0]["extensions"]["code"] == "invalid_input"


async def test_a_workbook_comes_through_both_doors(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    content = workbook([["external_id", "name"], ["c-1", "One"]])
    headers = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    answer = await api.post("/v1/imports?kind=customers", content=content, headers=headers)
    done = await worked_off(ctx, await get_operation(ctx, answer.json()["id"]))
    assert (done.state, done.progress.created) == ("succeeded", 1)
    mismatch = await api.post("/v1/imports?kind=customers", content=content, headers=CSV)
    assert (mismatch.status_code, mismatch.json()["errors"][0]["code"]) == (422, "content_mismatch")
    mutation = """mutation ($content: String!) {
        createImport(kind: "customers", content: $content, format: "xlsx") { id } }"""
    sent = await graph(mutation, {"content": base64.b64encode(content).decode()})
    again = await worked_off(ctx, await get_operation(ctx, sent["data"]["createImport"]["id"]))
    assert again.progress.unchanged == 1
    refused = await graph(mutation, {"content": "not base64"})
    assert refused["errors"][0]["extensions"]["errors"][0]["code"] == "malformed_base64"


async def test_contacts_come_through_both_doors_and_their_errors_show_no_address(
    api: httpx.AsyncClient, graph: Graph, ctx: Context
) -> None:
    customer = (await api.post("/v1/customers", json={"name": "Lanhai", "external_id": "c-1"})).json()
    row = {"customer_external_id": "c-1", "name": "Wang", "email": "wang@lanhai.example", "phone": "+8613800006789"}
    wrong = {**row, "email": "li@lanhai", "phone": "8613900001234" * 3}
    content = "".join(json.dumps(line) + "\n" for line in (row, wrong))
    headers = {"Content-Type": "application/jsonl"}
    answer = await api.post("/v1/imports?kind=contacts", content=content.encode(), headers=headers)
    done = await worked_off(ctx, await get_operation(ctx, answer.json()["id"]))
    assert (done.state, done.progress.created, done.progress.failed) == ("succeeded", 1, 1)
    (contact,) = (await api.get(f"/v1/customers/{customer['id']}/contacts")).json()["data"]
    assert {name: contact[name] for name in ("name", "email", "phone", "role")} == {
        **{name: row[name] for name in ("name", "email", "phone")},
        "role": "billing",
    }
    errors = (await api.get(f"{answer.headers['location']}/errors")).json()["data"]
    assert [(e["column"], e["code"], e["value"]) for e in errors] == [
        ("email", "malformed_email", "l***@lanhai"),
        ("phone", "too_long", "***1234"),
    ]
    header = "customer_external_id,name,email\n"
    sent = await graph(
        'mutation ($content: String!) { createImport(kind: "contacts", content: $content) { id } }',
        {"content": header + "c-1,Wang,WANG@lanhai.example\n"},
    )
    again = await worked_off(ctx, await get_operation(ctx, sent["data"]["createImport"]["id"]))
    assert again.progress.unchanged == 1
