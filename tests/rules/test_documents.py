"""Cells that spreadsheets do not run, and pages that print any name."""

from __future__ import annotations

import csv
import doctest
import io
import re
import zlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import cells, formatting
from domain.documents.cells import encoded, safe
from domain.insight.model import AgingBucket
from domain.insight.rules import statement_words
from domain.insight.statement_model import Statement, StatementAccount, StatementItem, StatementMovement
from domain.insight.statement_pdf import rendered
from domain.kernel.money import Money

ZERO = Money.zero("CNY")
LAST = date(2026, 3, 1)


def cny(amount: int) -> Money:
    return Money(Decimal(amount), "CNY")


def statement_of(
    lines: int,
    *,
    name: str = "蓝海贸易有限公司",
    locale: str = "zh-CN",
    period: bool = False,
    number: str = "INV-{}",
    waits: bool = False,
) -> Statement:
    items = [
        StatementItem(
            receivable_id=f"rcv_{n}",
            number=number.format(n),
            issued_on=LAST - timedelta(days=60),
            due_on=LAST - timedelta(days=30),
            due_on_is_provisional=waits,
            days_overdue=0 if waits else 30,
            amount=cny(1299),
            settled_amount=ZERO,
            open_amount=cny(1299),
        )
        for n in range(lines)
    ]
    moved = [
        StatementMovement(
            kind="invoiced",
            dated_on=LAST,
            source_id=item.receivable_id,
            number=item.number,
            amount=cny(1299),
            balance_amount=cny(1299 * n),
        )
        for n, item in enumerate(items, start=1)
    ]
    account = StatementAccount(
        currency="CNY",
        open_amount=cny(1299 * lines),
        unapplied_amount=ZERO,
        balance_amount=cny(1299 * lines),
        current_amount=ZERO,
        buckets=[AgingBucket(days_from=1, days_to=None, amount=cny(1299 * lines), receivable_count=lines)],
        items=[] if period else items,
        credits=[],
        opening_amount=ZERO if period else None,
        movements=moved if period else [],
    )
    return Statement(
        tenant_name="Acme 应收",
        customer_id="cus_1",
        customer_external_id="C-1",
        customer_name=name,
        locale=locale,
        from_on=LAST - timedelta(days=60) if period else None,
        as_of=LAST,
        accounts=[account],
    )


def characters_of(pdf: bytes) -> set[str]:
    """Which characters a file says that its glyphs are: the targets of its ToUnicode maps."""
    found: set[str] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        text = _inflated(stream)
        if b"beginbfchar" in text:
            for target in re.findall(rb"<[0-9A-Fa-f]{4}> <([0-9A-Fa-f]{4,})>", text):
                found |= set(bytes.fromhex(target.decode()).decode("utf-16-be"))
    return found


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


@pytest.mark.parametrize("module", [cells, formatting, statement_words])
def test_examples_in_docstrings(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0", "＝1", "＠SUM(A1)"]
)
def test_a_text_that_a_spreadsheet_would_run_is_only_a_text(formula: str) -> None:
    assert safe(formula) == f"'{formula}"


@given(st.lists(st.tuples(st.text(), st.decimals(allow_nan=False, allow_infinity=False, places=2)), min_size=1))
def test_a_row_comes_back_as_it_was_but_for_formulas(rows: list[tuple[str, Decimal]]) -> None:
    told = encoded(rows)
    assert told.endswith(b"\r\n")
    back = list(csv.reader(io.StringIO(told.decode(), newline="")))
    assert [Decimal(amount) for _, amount in back] == [amount for _, amount in rows]
    for (name, _), (shown, _) in zip(rows, back, strict=True):
        assert shown == safe(name)
        assert not shown.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("period", [False, True])
def test_the_same_statement_gives_the_same_small_file_with_every_character(period: bool) -> None:
    told = statement_of(100, period=period)
    pdf = rendered(told)
    assert pdf == rendered(told)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) < 60_000
    assert set("蓝海贸易有限公司Acme应收INV0123456789¥对账单") <= characters_of(pdf)
    # Three pages and more of A4.
    assert re.search(rb"/MediaBox \[0 0 595\.28 841\.89\]", pdf)
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) >= 3


def test_rare_surnames_are_printed_and_what_no_font_has_crashes_nothing() -> None:
    pdf = rendered(statement_of(1, name="仝彧龘 \U0001f600\U00020bb7\x00\x07\ud800 عميل", number="=\t\n" * 60 + "{}"))
    assert set("仝彧龘□") <= characters_of(pdf)
    assert rendered(statement_of(0, name="", locale="xx-??"))


@settings(max_examples=15, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=300))
def test_any_name_can_be_printed(name: str) -> None:
    assert rendered(statement_of(1, name=name, number=name.replace("{", "").replace("}", "")))


@pytest.mark.parametrize(
    ("locale", "title"), [("zh-CN", "对账单"), ("en", "Statement of account"), ("de", "Statement")]
)
def test_a_reader_finds_the_words_on_the_pages(locale: str, title: str) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf, which reads the pages, is not installed")
    long = "很长的名字" * 40
    reader = pypdf.PdfReader(io.BytesIO(rendered(statement_of(120, name=long, locale=locale))))
    texts = [page.extract_text() for page in reader.pages]
    assert title in texts[0]
    assert long in texts[0].replace("\n", "").replace(" ", "")
    heading = statement_words.words_of(locale[:2])["due_on"]
    assert all(heading in text for text in texts[:-1])
    for number, text in enumerate(texts, start=1):
        assert statement_words.words_of(locale[:2])["page"].format(page=number, pages=len(texts)) in text
    everything = "".join(texts)
    assert all(f"INV-{n}" in everything for n in range(120))


def test_a_due_date_that_waits_for_delivery_is_not_printed_as_one() -> None:
    printed = characters_of(rendered(statement_of(1, waits=True)))
    assert set(statement_words.words_of("zh")["provisional"]) <= printed
    assert set("交付") & characters_of(rendered(statement_of(1))) == set()
