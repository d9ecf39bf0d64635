"""From a record to what it says, or to every reason why it cannot be taken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.files.csv_records import FileRefused, Record
from domain.importing.rules.columns import Columns
from domain.importing.rules.lines import CustomerLine, ReceivableLine
from domain.importing.rules.mapping import DATE_FORMATS, mapping_of, parse_date
from domain.importing.rules.rows import RowReader
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.kernel.pii import mask_email

HEADER = [
    "external_id",
    "customer_external_id",
    "number",
    "amount",
    "currency",
    "issued_on",
    "due_on",
    "customer_email",
]
GOOD = ["i-1", "c-1", "INV-1", "1299.00", "CNY", "2026-01-01", "2026-01-31", "a@b.example"]


def reader(header: list[str] | None = None, **mapping: Any) -> RowReader:
    return RowReader(Columns("receivables", mapping_of("receivables", mapping), header or HEADER))


def read(**changes: str) -> ReceivableLine | list[Any]:
    values = dict(zip(HEADER, GOOD, strict=True)) | changes
    return reader().receivable(Record(7, list(values.values())))


def test_a_good_record_is_understood() -> None:
    assert read() == ReceivableLine(
        line=7,
        external_id="i-1",
        customer_external_id="c-1",
        number="INV-1",
        amount=Money(Decimal("1299.00"), "CNY"),
        issued_on=date(2026, 1, 1),
        due_on=date(2026, 1, 31),
        customer_name="",
        customer_email="a@b.example",
        customer_locale="",
        customer_time_zone="",
    )


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("external_id", "", "missing_value"),
        ("external_id", " ", "missing_value"),
        ("external_id", "x" * 201, "too_long"),
        ("customer_external_id", "", "missing_value"),
        ("customer_external_id", "c\x001", "nul_character"),
        ("number", "n" * 201, "too_long"),
        ("amount", "", "missing_value"),
        ("amount", "twelve", "unparsable_amount"),
        ("amount", "1,299.00", "unparsable_amount"),
        ("amount", "1e3", "unparsable_amount"),
        ("amount", "NaN", "unparsable_amount"),
        ("amount", "１２", "unparsable_amount"),
        ("amount", "0", "amount_not_positive"),
        ("amount", "-5", "amount_not_positive"),
        ("amount", "1.005", "too_many_digits"),
        ("amount", "1" + "0" * 15, "amount_out_of_range"),
        ("currency", "XXQ", "unknown_currency"),
        ("currency", "cny", "unknown_currency"),
        ("issued_on", "1/1/2026", "unparsable_date"),
        ("issued_on", "2026-02-30", "unparsable_date"),
        ("due_on", "", "missing_value"),
        ("due_on", "2025-12-31", "due_before_issue"),
        ("due_on", "2201-01-01", "date_out_of_range"),
        ("customer_email", "nobody", "malformed_email"),
        ("customer_email", "w***@lanhai.example", "masked_address"),
        ("customer_email", "x" * 250 + "@b.example", "malformed_email"),
    ],
)
def test_every_bad_value_is_reported_with_line_column_and_code(column: str, value: str, code: str) -> None:
    errors = read(**{column: value})
    assert isinstance(errors, list)
    (error,) = errors
    assert (error.line, error.column, error.code) == (7, column, code)
    assert error.detail
    shown = mask_email(value) if column == "customer_email" else value.strip()[:200]
    assert error.value == shown.replace("\x00", "\ufffd")


def test_all_that_is_wrong_with_a_line_is_reported_at_once() -> None:
    errors = read(amount="x", currency="y", issued_on="z")
    assert isinstance(errors, list)
    assert [error.column for error in errors] == ["amount", "currency", "issued_on"]


def test_a_line_with_more_fields_than_the_header_is_refused_but_not_for_empty_ones() -> None:
    assert isinstance(reader().receivable(Record(2, [*GOOD, "", ""])), ReceivableLine)
    (error,) = reader().receivable(Record(2, [*GOOD, "rest"]))  # type: ignore[misc]
    assert error.code == "wrong_number_of_fields"


def test_a_short_line_misses_values() -> None:
    (error,) = reader().receivable(Record(2, GOOD[:6]))  # type: ignore[misc]
    assert (error.column, error.code) == ("due_on", "missing_value")


def test_columns_may_have_other_names_and_dates_another_form() -> None:
    header = ["Invoice", "Kunde", "Betrag", "Datum", "Fällig"]
    columns = {
        "external_id": "Invoice",
        "customer_external_id": "Kunde",
        "amount": "Betrag",
        "issued_on": "Datum",
        "due_on": "Fällig",
    }
    rows = reader(header, columns=columns, date_format="D.M.YYYY", defaults={"currency": "EUR"})
    line = rows.receivable(Record(2, ["7", "K1", "12.5", "1.2.2026", "28.2.2026"]))
    assert isinstance(line, ReceivableLine)
    assert (line.amount, line.issued_on, line.number) == (Money(Decimal("12.50"), "EUR"), date(2026, 2, 1), "")
    (error,) = rows.receivable(Record(3, ["7", "K1", "12.5", "1.2.2026", "31.2.2026"]))  # type: ignore[misc]
    assert (error.column, error.code) == ("Fällig", "unparsable_date")


@pytest.mark.parametrize(
    ("header", "mapping", "code"),
    [
        (["external_id"], {}, "missing_column"),
        (HEADER, {"columns": {"customer_name": "Name"}}, "missing_column"),
        ([*HEADER, "amount"], {}, "duplicate_column"),
        ([*HEADER, "x\x00"], {}, "unknown_encoding"),
    ],
)
def test_a_header_that_does_not_fit_refuses_the_file(header: list[str], mapping: dict[str, Any], code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        reader(header, **mapping)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("mapping", "pointer", "code"),
    [
        ({"colums": {}}, "mapping/colums", "unknown_field"),
        ({"columns": []}, "mapping/columns", "malformed_mapping"),
        ({"columns": {"due": "Due"}}, "mapping/columns/due", "unknown_field"),
        ({"columns": {"due_on": 7}}, "mapping/columns/due_on", "malformed_mapping"),
        ({"columns": {"due_on": " "}}, "mapping/columns/due_on", "malformed_mapping"),
        ({"columns": {"due_on": "D", "issued_on": "D"}}, "mapping/columns", "column_mapped_twice"),
        ({"date_format": "DD.MM.YY"}, "mapping/date_format", "unknown_date_format"),
        ({"date_format": None}, "mapping/date_format", "unknown_date_format"),
        ({"defaults": {"colour": "red"}}, "mapping/defaults/colour", "unknown_field"),
        ({"defaults": {"currency": "XXQ"}}, "mapping/defaults/currency", "unknown_currency"),
        ({"defaults": {"customer_locale": "tlh"}}, "mapping/defaults/customer_locale", "unknown_locale"),
        ({"defaults": {"customer_time_zone": "Mars"}}, "mapping/defaults/customer_time_zone", "unknown_time_zone"),
        ({"defaults": {"external_id": "x"}}, "mapping/defaults/external_id", "default_not_allowed"),
    ],
)
def test_a_wrong_mapping_is_pointed_at(mapping: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        mapping_of("receivables", mapping)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


@given(
    day=st.dates(min_value=date(1970, 1, 1), max_value=date(2200, 12, 31)), form=st.sampled_from(sorted(DATE_FORMATS))
)
def test_a_day_written_in_a_format_is_read_back(day: date, form: str) -> None:
    written = {
        "YYYY-MM-DD": f"{day:%Y-%m-%d}",
        "M/D/YYYY": f"{day.month}/{day.day}/{day.year}",
        "D/M/YYYY": f"{day.day}/{day.month}/{day.year}",
        "D.M.YYYY": f"{day.day}.{day.month}.{day.year}",
        "YYYY/M/D": f"{day.year}/{day.month}/{day.day}",
        "YYYYMMDD": f"{day:%Y%m%d}",
    }[form]
    assert parse_date(written, form) == day
    assert parse_date(f"{written} ", form) is None


@given(values=st.lists(st.text(max_size=30), min_size=1, max_size=12))
def test_no_record_whatsoever_raises(values: list[str]) -> None:
    said = reader().receivable(Record(2, values))
    assert isinstance(said, ReceivableLine) or all(error.code for error in said)


def test_a_customer_line_is_understood_and_its_faults_are_named() -> None:
    header = ["external_id", "name", "email", "locale", "time_zone"]
    rows = RowReader(Columns("customers", mapping_of("customers", None), header))
    good = rows.customer(Record(2, ["c-1", "蓝海贸易", "a@b.example", "zh-CN", "Asia/Shanghai"]))
    assert good == CustomerLine(2, "c-1", "蓝海贸易", "a@b.example", "zh-CN", "Asia/Shanghai", None)
    bad = rows.customer(Record(3, ["", "n" * 301, "nobody", "tlh", "Mars/Base"]))
    assert isinstance(bad, list)
    assert [error.code for error in bad] == [
        "missing_value",
        "too_long",
        "malformed_email",
        "unknown_locale",
        "unknown_time_zone",
    ]
