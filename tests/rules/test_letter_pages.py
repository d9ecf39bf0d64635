"""A letter's pages: the same bytes for the same letter, PDF/A with its font in it, and all that it has to say."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pypdf
import pytest

from domain.messaging.letter_pages import made
from domain.messaging.rules.letter_text import NUMBER_FORMAT, LetterData, letter_number, number_format_fault
from domain.messaging.rules.liquid import render_body, render_subject
from domain.messaging.rules.samples import SAMPLE_DAY, sample_lines, sample_names, sample_variables
from domain.messaging.shipped import SHIPPED

_AGAIN = """
from tests.rules.test_letter_pages import a_letter, made
print(made(a_letter("zh-CN")).sha256)
"""


def a_letter(locale: str, key: str = "formal_letter") -> LetterData:
    subject, body = SHIPPED[key, "letter", locale, None]
    values = sample_variables(locale)
    customer, contact, company = sample_names(locale)
    return LetterData(
        number="M-2026-000123",
        locale=locale,
        dated_on=SAMPLE_DAY,
        new_due_on=date(2026, 1, 19),
        company_name=company,
        customer_name=customer,
        contact_name=contact,
        address="",
        title=render_subject(subject, values),
        text=render_body(body, values),
        lines=sample_lines(locale),
    )


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_a_letter_says_number_days_amounts_and_text(locale: str) -> None:
    letter = a_letter(locale)
    said = text_of(made(letter).content)
    days = ("Jan5,2026", "Jan19,2026") if locale == "en" else ("2026年1月5日", "2026年1月19日")
    for wanted in (letter.number, *days, "INV-2025-0117", "INV-2025-0124", "163,000.00", "1,500.00", letter.title):
        assert re.sub(r"\s+", "", wanted) in said, wanted
    for name in (letter.company_name, letter.customer_name, letter.contact_name):
        assert re.sub(r"\s+", "", name) in said


def test_the_same_letter_is_the_same_file_in_another_process_too() -> None:
    letter = a_letter("zh-CN")
    first = made(letter)
    assert made(letter) == first
    other = subprocess.run([sys.executable, "-c", _AGAIN], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == first.sha256
    assert made(replace(letter, number="M-2026-000124")).sha256 != first.sha256


def test_the_file_is_pdf_a_with_an_embedded_font_on_a4() -> None:
    made_letter = made(a_letter("zh-CN"))
    reader = pypdf.PdfReader(io.BytesIO(made_letter.content))
    page = reader.pages[0]
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)
    said = made_letter.content.decode("latin-1")
    assert "<pdfaid:part>2</pdfaid:part>" in said
    assert 'xmp:ModifyDate="2026-01-05T00:00:00+00:00"' in said
    assert "/OutputIntent" in said
    assert "/FontFile2" in said
    assert reader.xmp_metadata is not None
    assert reader.xmp_metadata.dc_title == {"x-default": "催款函 M-2026-000123"}
    assert made_letter.pages == len(reader.pages) == 1
    assert len(made_letter.content) < 100_000


def test_a_long_list_goes_over_pages_and_every_receivable_is_on_one() -> None:
    letter = a_letter("en")
    many = tuple(replace(letter.lines[0], number=f"INV-{n:04d}") for n in range(120))
    file = made(replace(letter, lines=many))
    assert file.pages > 2
    said = text_of(file.content)
    assert all(f"INV-{n:04d}" in said for n in range(120))


def test_no_list_and_odd_characters_are_no_obstacle() -> None:
    letter = replace(a_letter("en"), lines=(), customer_name="\U0001f4b8 & <Co>", address="1 Main St\n\nLondon")
    said = text_of(made(letter).content)
    assert "1MainSt" in said
    assert "London" in said


def test_numbers_are_written_as_the_tenant_wants() -> None:
    written = [letter_number(NUMBER_FORMAT, 2026, n) for n in (1, 999_999, 1_000_000)]
    assert written == ["M-2026-000001", "M-2026-999999", "M-2026-1000000"]
    for good in ("M-{year}-{number}", "{number}-{year}", "催函〔{year}〕{number}号"):
        assert number_format_fault(good) is None
    for bad in (
        "",
        "{number}",
        "{year}",
        "{year}{number}{number}",
        "{year}/{number}",
        "{year} {number} ",
        "{x}{year}{number}",
    ):
        assert number_format_fault(bad) is not None, bad
    assert number_format_fault("x" * 31 + "{year}{number}") is not None
    assert number_format_fault("\n{year}{number}") is not None
