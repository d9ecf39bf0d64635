"""What kind of file can be imported, and why another one is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from domain.customers.customers import get_customer_by_external_id
from domain.importing import imports
from domain.importing.imports import start_import
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, InvalidInput, PayloadTooLarge
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import get_receivable_by_external_id
from domain.operations.model import Progress
from domain.operations.operations import list_operations
from tests.factories import tenant_context
from tests.factories_ledger import (
    HEADER,
    TWO,
    count,
    events_of,
    imported,
    pieces,
    receivables_of,
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n", "empty_file"),
        (b"a,b\n1,2\n", "missing_column"),
        (HEADER.replace("number", "amount").encode(), "duplicate_column"),
        ("äöü".encode("utf-16"), "unknown_encoding"),
        (HEADER.encode() + b"\xff\xff\xff", "unknown_encoding"),
        (TWO.encode("utf-16-le"), "unknown_encoding"),
        (b"x" * 3_000_000, "malformed_csv"),
        (b"x," * 3_000_000, "malformed_csv"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_as_a_whole(ctx: Context, content: bytes, code: str) -> None:
    operation = await imported(ctx, content)
    assert operation.state == "failed"
    assert operation.error is not None
    assert operation.error.code == code
    assert await count(ctx, "receivables") == 0
    assert await count(ctx, "operation_chunks") == 0
    (event,) = await events_of(ctx, "import.finished")
    assert event.data["operation"]["error"]["code"] == code


async def test_an_unclosed_quote_fails_the_import_after_the_good_rows(ctx: Context) -> None:
    operation = await imported(ctx, TWO + '"i-3,c-1,INV-3\n' + "x,y,z\n" * 100_000)
    assert operation.state == "failed"
    assert operation.error is not None
    assert operation.error.code == "malformed_csv"
    assert "line 4" in operation.error.detail
    assert operation.progress.created == 2
    assert len(await receivables_of(ctx)) == 2


async def test_chinese_files_are_read_in_gb18030_and_utf8_however_they_are_cut(ctx: Context) -> None:
    lines = "".join(
        f"{{0}}-{n},{{0}}-客户{n % 3},发票{n},{n + 1}.00,CNY,2026-01-01,2026-01-31,深圳市蓝海贸易有限公司{n % 3},\n"
        for n in range(30)
    )
    for name, encoding, options in (
        ("utf8", "utf-8", {}),
        ("bom", "utf-8-sig", {"charset": "utf-8"}),
        ("gb", "gb18030", {}),
        ("wrongly-declared", "gb18030", {"charset": "UTF-8"}),
        ("declared", "gb18030", {"charset": "GBK"}),
    ):
        operation = await imported(ctx, (HEADER + lines.replace("{0}", name)).encode(encoding), **options)
        assert operation.progress == Progress(processed=30, created=30), name
        assert (await get_receivable_by_external_id(ctx, f"{name}-7")).number == "发票7"
        customer = await get_customer_by_external_id(ctx, f"{name}-客户1")
        assert customer.name == "深圳市蓝海贸易有限公司1"


async def test_a_character_cut_by_a_chunk_border_is_read(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "_CHUNK", 7)
    operation = await imported(ctx, TWO.encode("gb18030"))
    assert operation.progress == Progress(processed=2, created=2)
    assert (await get_customer_by_external_id(ctx, "c-1")).name == "蓝海贸易"


async def test_the_first_chinese_name_may_come_after_megabytes_of_ascii(ctx: Context) -> None:
    filler = "\n" * 1_200_000
    operation = await imported(ctx, (HEADER + filler + TWO.removeprefix(HEADER)).encode("gb18030"))
    assert operation.progress == Progress(processed=2, created=2)
    assert (await get_customer_by_external_id(ctx, "c-1")).name == "蓝海贸易"


async def test_a_mapping_names_columns_dates_and_defaults(ctx: Context) -> None:
    content = (
        "invoiceNumber,customerID,InvoiceAmount,InvoiceDate,DueDate\n0000611365,0379-NEVHP,55.94,1/2/2013,2/1/2013\n"
    )
    columns = {
        "external_id": "invoiceNumber",
        "customer_external_id": "customerID",
        "amount": "InvoiceAmount",
        "issued_on": "InvoiceDate",
        "due_on": "DueDate",
    }
    mapping = {"columns": columns, "date_format": "M/D/YYYY", "defaults": {"currency": "USD"}}
    operation = await imported(ctx, content, mapping=mapping)
    assert operation.progress == Progress(processed=1, created=1)
    made = await get_receivable_by_external_id(ctx, "0000611365")
    assert (made.amount.currency, made.issued_on, made.due_on) == ("USD", date(2013, 1, 2), date(2013, 2, 1))
    assert (made.overdue, made.number) == (True, "0000611365")


@pytest.mark.parametrize(
    ("options", "pointer", "code"),
    [
        ({"mapping": {"columns": {"due": "x"}}}, "mapping/columns/due", "unknown_field"),
        ({"mapping": {"date_format": "YY"}}, "mapping/date_format", "unknown_date_format"),
        ({"charset": "latin-1"}, "Content-Type", "unknown_charset"),
    ],
)
async def test_what_can_be_refused_at_once_is(ctx: Context, options: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await imported(ctx, TWO, **options)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]
    assert (await list_operations(ctx, PageRequest())).items == []


async def test_a_file_that_is_too_large_is_refused_while_it_comes_in(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LARGEST_FILE", 1000)
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 400

    with pytest.raises(PayloadTooLarge) as refused:
        await start_import(ctx, kind="receivables", chunks=endless())
    assert refused.value.code == "import_too_large"
    assert taken == 3
    assert (await list_operations(ctx, PageRequest())).items == []


async def test_importing_needs_its_scope(ctx: Context) -> None:
    writer = await tenant_context(ctx.tenant_id, frozenset({"receivables:write"}))
    with pytest.raises(Forbidden):
        await start_import(writer, kind="receivables", chunks=pieces(b""))
