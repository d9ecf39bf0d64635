"""Bank files of each kind: what they say, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from domain.banking.rules.camt053 import Camt053
from domain.banking.rules.lines import Closed, Item, Movement, Opened, StatementRefused
from domain.banking.rules.mt940 import Mt940
from domain.banking.rules.statement_csv import StatementCsv, csv_mapping_of
from domain.files.csv_records import Record
from domain.kernel.errors import InvalidInput
from tests.bank_files import CAMT, ENTRY, MT940, camt


def mt940(text: str) -> list[Item]:
    parser = Mt940()
    items: list[Item] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        items += parser.line(number, line)
    return [*items, *parser.end(len(lines))]


def camt053(text: str, size: int = 7) -> list[Item]:
    parser, raw = Camt053(), text.encode()
    items: list[Item] = []
    for start in range(0, len(raw), size):
        items += parser.feed(raw[start : start + size])
    return [*items, *parser.end()]


def movements(items: list[Item]) -> list[Movement]:
    return [item for item in items if isinstance(item, Movement)]


def test_mt940_says_who_paid_what_for() -> None:
    opened, *_, closed = items = mt940(MT940)
    assert opened == Opened(
        account="DE89370400440532013000", reference="00001/001", currency="EUR", opening_balance=Decimal("1000.00")
    )
    assert closed == Closed(closing_balance=Decimal("1850.00"))
    paid, reversed_, plain = movements(items)
    assert (paid.direction, str(paid.amount.amount), paid.booked_on) == ("credit", "1000.00", date(2026, 1, 5))
    assert (paid.remittance, paid.counterparty_name) == ("INV-2026-001 danke", "Lanhai GmbH")
    assert (paid.end_to_end_id, paid.bank_reference) == ("E2E-1", "BANK1")
    assert (reversed_.direction, reversed_.is_reversal, reversed_.value_on) == ("debit", True, date(2025, 12, 31))
    assert reversed_.booked_on == date(2026, 1, 2)
    assert (plain.signed, plain.remittance) == (Decimal("-50.00"), "fee of the bank")


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (lambda t: t.replace(":62F:C260105EUR1850,00\n", ""), "truncated_statement", 14),
        (lambda t: t.replace(":28C:", ":99Z:"), "unknown_tag", 3),
        (lambda t: "hello\n" + t, "malformed_tag", 1),
        (lambda t: t.replace("C1000,00N", "X1000,00N"), "malformed_tag", 5),
        (lambda t: t.replace("C1000,00N", "C1000000000000000,00N"), "amount_out_of_range", 5),
        (lambda t: t.replace("C1000,00N", "C1000,001N"), "too_many_digits", 5),
        (lambda t: t.replace(":61:2601050105C", ":61:2602300105C"), "unparsable_date", 5),
        (lambda t: t.replace(":62F:C260105EUR", ":62F:C260105USD"), "mixed_currencies", 14),
        (lambda t: t.replace(":60F:C260101EUR", ":60F:C260101XYZ"), "unknown_currency", 4),
    ],
)
def test_mt940_that_is_wrong_is_refused_with_its_line(change: Callable[[str], str], code: str, line: int) -> None:
    text = change(MT940)
    assert text != MT940
    with pytest.raises(StatementRefused) as refused:
        mt940(text)
    assert (refused.value.code, refused.value.line) == (code, line)


def test_camt053_of_any_prefix_is_read_in_pieces() -> None:
    prefixed = CAMT.replace("xmlns=", "xmlns:a=").replace("</", "</a:").replace("<", "<a:").replace("<a:/a:", "</a:")
    assert camt053(prefixed) == camt053(CAMT, 100_000)
    opened, first, *_, closed = camt053(CAMT)
    assert isinstance(opened, Opened)
    assert (opened.account, opened.opening_balance) == ("DE89370400440532013000", Decimal("100.00"))
    assert closed == Closed(closing_balance=Decimal("1400.00"))
    assert isinstance(first, Movement)
    assert (first.remittance, first.counterparty_name, first.counterparty_account) == (
        "INV-2026-001",
        "Lanhai GmbH",
        "DE02120300000000202051",
    )
    assert (first.end_to_end_id, first.bank_reference, str(first.amount.amount)) == ("E2E-1", "R1", "1000.00")


def test_a_batch_booking_becomes_a_line_for_each_of_its_transactions_and_pending_entries_none() -> None:
    assert [(m.remittance, str(m.amount.amount)) for m in movements(camt053(CAMT))] == [
        ("INV-2026-001", "1000.00"),
        ("A-100", "100.00"),
        ("A-200", "200.00"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + CAMT, "xml_entities_refused"),
        ('<!DOCTYPE d SYSTEM "file:///etc/passwd">' + CAMT, "xml_entities_refused"),
        (CAMT[:900], "malformed_xml"),
        (CAMT.replace("camt.053", "camt.054"), "not_camt053"),
        (CAMT.replace("BkToCstmrStmt", "BkToCstmrAcctRpt"), "not_camt053"),
        ("<html/>", "not_camt053"),
        ("<Document>" + "<a>" * 50, "malformed_xml"),
        (camt(ENTRY.replace("2026-01-05", "9999-01-05")), "date_out_of_range"),
        (camt(ENTRY.replace("2026-01-05", "2026-02-30")), "unparsable_date"),
        (camt(ENTRY.replace('Ccy="EUR"', 'Ccy="USD"')), "mixed_currencies"),
        (camt(ENTRY.replace(">1000.00<", ">1e3<")), "unparsable_amount"),
        (camt(ENTRY.replace("CRDT", "BOTH")), "malformed_statement"),
    ],
)
def test_xml_that_is_wrong_is_refused(text: str, code: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        camt053(text)
    assert refused.value.code == code


def test_a_chinese_banks_csv_is_read_by_its_mapping() -> None:
    columns = {"booked_on": "交易日期", "credit": "收入", "debit": "支出", "remittance": "摘要"}
    told = {"account": "6222", "currency": "CNY", "date_format": "YYYYMMDD", "columns": columns}
    parser = StatementCsv(csv_mapping_of(told))
    items = [*parser.record(Record(1, ["交易日期", "收入", "支出", "摘要"]))]
    items += parser.record(Record(2, ["20260105 10:11:12", "1,299.00", "", "货款INV-1001"]))
    items += parser.record(Record(3, ["20260105", "0.00", "5.00", "手续费"]))
    assert [(m.direction, str(m.amount.amount), m.remittance) for m in movements(items)] == [
        ("credit", "1299.00", "货款INV-1001"),
        ("debit", "5.00", "手续费"),
    ]
    for fields, code in (
        (["20260230", "1", "", ""], "unparsable_date"),
        (["20260105", "12.505", "", ""], "too_many_digits"),
        (["20260105", "1", "1", ""], "credit_and_debit"),
    ):
        with pytest.raises(StatementRefused) as refused:
            list(parser.record(Record(9, fields)))
        assert (refused.value.code, refused.value.line) == (code, 9)


@pytest.mark.parametrize(
    "mapping", [None, {"account": ""}, {"account": "1", "columns": {"x": "y"}}, {"account": "1", "more": 1}]
)
def test_a_mapping_that_is_wrong_is_refused(mapping: dict[str, object] | None) -> None:
    with pytest.raises(InvalidInput):
        csv_mapping_of(mapping)
