"""Workbooks and JSON Lines: the same stream of records as a CSV file, and what is refused of them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from domain.files import json_lines, xlsx_guard
from domain.importing import running
from domain.importing.imports import start_import
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import get_receivable_by_external_id
from domain.operations.model import Progress
from domain.operations.operations import list_operations
from tests.factories_ledger import HEADER, TWO, cny, count, errors_of, imported, lease_runs_out, pieces, worked_off
from tests.workbooks import BILLION_LAUGHS, EXTERNAL_ENTITY, with_parts, workbook

NAMES = HEADER.strip().split(",")
# Cells have no time zone.
_MIDNIGHT = datetime(2026, 1, 31)  # noqa: DTZ001
ROW = ["i-1", "c-1", 20260001, 100.5, "CNY", date(2026, 1, 1), _MIDNIGHT, "蓝海贸易", None]
GOOD = workbook([NAMES, ROW])
STRINGS = "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def line(**fields: Any) -> dict[str, Any]:
    """One line of JSON Lines that says a receivable."""
    said = {"external_id": "i-1", "customer_external_id": "c-1", "amount": "100.00", "currency": "CNY"}
    return said | {"issued_on": "2026-01-01", "due_on": "2026-01-31"} | fields


def lines(*objects: Any) -> str:
    """JSON Lines; what is a text already is a line as it is."""
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in objects)


@pytest.mark.parametrize("since_1904", [False, True])
async def test_a_workbook_says_days_and_numbers_in_cells(ctx: Context, since_1904: bool) -> None:
    content = workbook([NAMES, ROW], since_1904=since_1904)
    operation = await imported(ctx, content, file_format="xlsx", mapping={"date_format": "D/M/YYYY"})
    assert (operation.state, operation.progress) == ("succeeded", Progress(processed=1, created=1))
    made = await get_receivable_by_external_id(ctx, "i-1")
    assert (made.number, made.amount) == ("20260001", cny("100.50"))
    assert (made.issued_on, made.due_on) == (date(2026, 1, 1), date(2026, 1, 31))
    again = await imported(ctx, content, file_format="xlsx", mapping={"date_format": "D/M/YYYY"})
    assert again.progress == Progress(processed=1, unchanged=1)
    assert await count(ctx, "operation_chunks") == 0


async def test_days_in_text_cells_are_read_by_the_date_format(ctx: Context) -> None:
    row = [*ROW[:5], "1/1/2026", "29/2/2028", None, None]
    operation = await imported(ctx, workbook([NAMES, row]), file_format="xlsx", mapping={"date_format": "D/M/YYYY"})
    assert operation.progress.created == 1
    assert (await get_receivable_by_external_id(ctx, "i-1")).due_on == date(2028, 2, 29)


async def test_cells_that_say_nothing_sure_are_errors_of_their_rows(ctx: Context) -> None:
    rows: list[list[Any]] = [
        NAMES,
        ["i-1", "c-1", None, "=50+50", "CNY", date(2026, 1, 1), date(2026, 1, 31)],
        ["i-2", "c-1", None, 100, "CNY", date(2026, 1, 1), "#N/A"],
        ["i-3", "c-1", None, 100.125, "CNY", date(2026, 1, 1), date(2026, 1, 31)],
        ["i-4", "c-1", None, 1e16, "CNY", date(2026, 1, 1), date(2026, 1, 31)],
        [],
        ["i-5", "c-1", None, 123456789012.25, "CNY", _MIDNIGHT.replace(hour=13), date(9999, 1, 31)],
        ["i-6", "c-1", "=A1", 7, "CNY", date(2026, 1, 1), date(2026, 1, 31)],
    ]
    operation = await imported(ctx, workbook(rows), file_format="xlsx")
    assert operation.progress == Progress(processed=6, failed=6)
    assert [(e.line, e.column, e.code) for e in await errors_of(ctx, operation)] == [
        (2, "amount", "formula_not_allowed"),
        (3, "due_on", "error_cell"),
        (4, "amount", "too_many_digits"),
        (5, "amount", "amount_out_of_range"),
        (7, "issued_on", "unparsable_date"),
        (7, "due_on", "date_out_of_range"),
        (8, "number", "formula_not_allowed"),
    ]


async def test_a_sheet_is_found_by_its_name(ctx: Context) -> None:
    found = await imported(ctx, GOOD, file_format="xlsx", mapping={"sheet": "Open items"}, dry_run=True)
    assert found.progress.created == 1
    missing = await imported(ctx, GOOD, file_format="xlsx", mapping={"sheet": "Offene Posten"})
    assert (missing.state, missing.error and missing.error.code) == ("failed", "unknown_sheet")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (with_parts(GOOD, {STRINGS: BILLION_LAUGHS}), "xlsx_entities_forbidden"),
        (with_parts(GOOD, {STRINGS: EXTERNAL_ENTITY}), "xlsx_entities_forbidden"),
        (with_parts(GOOD, {"xl/styles.xml": BILLION_LAUGHS}), "xlsx_entities_forbidden"),
        (with_parts(GOOD, {"xl/externalLinks/externalLink1.xml": b"<x/>"}), "xlsx_forbidden_part"),
        (with_parts(GOOD, {"xl/vbaProject.bin": b"x"}), "xlsx_forbidden_part"),
        (with_parts(GOOD, {"../../etc/passwd": b"x"}), "xlsx_forbidden_part"),
        (with_parts(GOOD, {"xl/media/zeros.png": b"\0" * 20_000_000}), "xlsx_too_large"),
        (with_parts(GOOD, {f"xl/media/{n}.png": b"" for n in range(1001)}), "xlsx_too_large"),
        (
            with_parts(GOOD, {"xl/styles.xml": b"<styleSheet>" + b"<xf/>" * 100_001 + b"</styleSheet>"}),
            "xlsx_too_large",
        ),
        (with_parts(GOOD, {SHEET: b'<worksheet a="' + b"x" * 2_000_000}), "xlsx_too_large"),
        (
            with_parts(GOOD, {SHEET: b"<worksheet><row>" + b"<c/>" * 2049 + b"</row></worksheet>"}),
            "xlsx_too_many_columns",
        ),
        (workbook([NAMES, ["x"] * 257]), "xlsx_too_many_columns"),
        (
            with_parts(
                GOOD, {SHEET: f'<worksheet {MAIN}><sheetData><row r="9999999"/></sheetData></worksheet>'.encode()}
            ),
            "xlsx_too_many_rows",
        ),
        (with_parts(GOOD, {SHEET: b"<worksheet><row>"}), "xlsx_malformed"),
        (with_parts(GOOD, {"[Content_Types].xml": b"<Types/>"}), "xlsx_malformed"),
        (GOOD[:-200], "xlsx_malformed"),
        (b"PK\x03\x04 and nothing more", "xlsx_malformed"),
        (workbook([]), "empty_file"),
        (workbook([["external_id"], ["i-1"]]), "missing_column"),
        (workbook([[*NAMES, "amount"], ROW]), "duplicate_column"),
    ],
)
async def test_a_workbook_that_must_not_be_opened_fails_as_a_whole(ctx: Context, content: bytes, code: str) -> None:
    operation = await imported(ctx, content, file_format="xlsx")
    assert (operation.state, operation.error and operation.error.code) == ("failed", code)
    assert await count(ctx, "receivables") == await count(ctx, "operation_chunks") == 0


async def test_the_parts_of_a_workbook_have_a_largest_size(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_guard, "LARGEST_WORKBOOK", 1000)
    operation = await imported(ctx, GOOD, file_format="xlsx")
    assert operation.error is not None
    assert operation.error.code == "xlsx_too_large"


@pytest.mark.parametrize(
    ("content", "file_format", "code"),
    [
        (GOOD, "csv", "content_mismatch"),
        (GOOD, "jsonl", "content_mismatch"),
        (TWO.encode(), "xlsx", "content_mismatch"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx", "xlsx_encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "csv", "xlsx_encrypted"),
    ],
)
async def test_a_content_that_is_not_what_it_is_sent_as_is_refused_at_once(
    ctx: Context, content: bytes, file_format: Any, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await start_import(ctx, kind="receivables", chunks=pieces(content), file_format=file_format)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("Content-Type", code)]
    assert (await list_operations(ctx, PageRequest())).items == []


async def test_a_killed_import_of_a_workbook_goes_on_where_it_was(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[f"i-{n}", *ROW[1:]] for n in range(1500)]
    operation = await start_import(ctx, kind="receivables", chunks=pieces(workbook([NAMES, *rows])), file_format="xlsx")
    store = running._Import._store

    async def dying(self: Any, *arguments: Any) -> None:
        if self.position:
            raise MemoryError
        await store(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(running._Import, "_store", dying)
        with pytest.raises(MemoryError):
            await worked_off(ctx, operation)
    await lease_runs_out(ctx, operation)
    assert (await worked_off(ctx, operation)).progress == Progress(processed=1500, created=1500)


async def test_json_lines_are_read_with_money_as_text_or_object(ctx: Context) -> None:
    money = {"amount": "7.50", "currency": "CNY"}
    said = line(external_id="i-2", amount=money, number=2026)
    del said["currency"]
    operation = await imported(ctx, lines(line(), said), file_format="jsonl")
    assert operation.progress == Progress(processed=2, created=2)
    made = await get_receivable_by_external_id(ctx, "i-2")
    assert (made.amount, made.number) == (cny("7.50"), "2026")
    mapped = line(external_id="i-3", Betrag="9.00")
    mapping = {"columns": {"amount": "Betrag"}}
    assert (await imported(ctx, lines(mapped), file_format="jsonl", mapping=mapping)).progress.created == 1
    assert (await get_receivable_by_external_id(ctx, "i-3")).amount == cny(9)


async def test_a_bad_line_of_json_takes_no_other_with_it(ctx: Context) -> None:
    content = lines(
        line(amount=100.0),
        line(external_id="i-2", amount=100),
        "{not json",
        "[1, 2]",
        "",
        "[" * 100_000,
        json.dumps(line(external_id="i-3", number="x" * json_lines.LONGEST_LINE)),
        line(external_id="i-4", amount={"amount": "1.00", "currency": "USD"}),
        line(external_id="i-5", number={"a": 1}),
        line(external_id="i-6", number="a\0b"),
        '{"external_id": "\\ud800"}',
        line(external_id="i-7"),
    )
    operation = await imported(ctx, content, file_format="jsonl")
    assert operation.progress == Progress(processed=11, created=1, failed=10)
    assert [(e.line, e.column, e.code) for e in await errors_of(ctx, operation)] == [
        (1, "amount", "amount_not_a_string"),
        (2, "amount", "amount_not_a_string"),
        (3, "", "invalid_json"),
        (4, "", "invalid_json"),
        (6, "", "invalid_json"),
        (7, "", "line_too_long"),
        (8, "currency", "currency_given_twice"),
        (9, "number", "not_a_string"),
        (10, "number", "nul_character"),
        (11, "", "invalid_json"),
    ]


@pytest.mark.parametrize(("content", "code"), [(b"", "empty_file"), (b"\xff\xfe", "unknown_encoding")])
async def test_json_lines_that_cannot_be_read_fail_as_a_whole(ctx: Context, content: bytes, code: str) -> None:
    operation = await imported(ctx, content, file_format="jsonl")
    assert (operation.state, operation.error and operation.error.code) == ("failed", code)


async def test_a_csv_file_may_have_another_delimiter_and_a_told_encoding(ctx: Context) -> None:
    mapping = {"delimiter": ";", "encoding": "gb18030"}
    operation = await imported(ctx, TWO.replace(",", ";").encode("gb18030"), mapping=mapping)
    assert operation.progress.created == 2


@pytest.mark.parametrize(
    ("mapping", "pointer", "code"),
    [
        ({"delimiter": "::"}, "mapping/delimiter", "unknown_delimiter"),
        ({"encoding": "latin-1"}, "mapping/encoding", "unknown_charset"),
        ({"sheet": ""}, "mapping/sheet", "malformed_mapping"),
        ({"sheet": 1}, "mapping/sheet", "malformed_mapping"),
    ],
)
async def test_options_of_formats_are_checked_at_once(
    ctx: Context, mapping: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await imported(ctx, TWO, mapping=mapping)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]
