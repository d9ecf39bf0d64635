"""Reading a history: the shipped sample, somebody's own file, and what is said when it makes no sense."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.demo.expected import expected_notices
from cli.demo.history import History, read_history
from cli.demo.mapping import MappingError, find_mapping
from cli.demo.sample import DAYS, SAMPLE_FILE, START_ON, as_csv, generate

OWN = {
    "columns": {
        "external_id": "No",
        "customer_external_id": "Who",
        "amount": "Sum",
        "issued_on": "Date",
        "due_on": "Due",
    },
    "date_format": "D.M.YYYY",
    "defaults": {"currency": "EUR"},
    "settled_on": "Paid",
}
LINES = "No,Who,Sum,Date,Due,Paid\nA1,K7,100.00,1.3.2025,31.3.2025,5.4.2025\nA2,k8,50.5,2.3.2025,1.4.2025,\n"


def own_history(folder: Path, *, lines: str = LINES, **changes: Any) -> History:
    file = folder / "ours.csv"
    file.write_text(lines, encoding="utf-8")
    (folder / "ours.mapping.json").write_text(json.dumps({**OWN, **changes}))
    return read_history(file, find_mapping(file, None))


def test_the_committed_sample_is_what_the_generator_makes() -> None:
    assert SAMPLE_FILE.read_text(encoding="utf-8") == as_csv(generate())


def test_the_sample_has_every_way_of_paying_and_several_currencies() -> None:
    rows = generate()
    assert len(rows) == 500
    assert {row.settlement for row in rows} == {"full", "part_then_rest", "part_only", "overpaid", "never"}
    currencies = Counter(row.currency for row in rows)
    assert set(currencies) == {"CNY", "USD", "EUR", "JPY"}
    assert currencies["CNY"] > 250


def test_amounts_of_the_sample_have_the_digits_of_their_currency() -> None:
    for row in generate():
        digits = 0 if row.currency == "JPY" else 2
        for text in (row.amount, row.part_amount, row.overpaid):
            assert not text or -int(Decimal(text).as_tuple().exponent) == digits


def test_the_story_of_the_sample_lasts_ninety_days() -> None:
    history = read_history(SAMPLE_FILE, find_mapping(SAMPLE_FILE, None))
    assert (history.start_on, history.end_on) == (START_ON, START_ON + timedelta(days=DAYS))
    assert history.days().__next__() == START_ON
    assert len(history.imports) == 16
    assert len(history.debtors) == 40
    assert sum(not debtor.email for debtor in history.debtors) == 2
    assert sum(debtor.opted_out for debtor in history.debtors) == 1


def test_an_own_file_is_read_through_the_mapping_beside_it(tmp_path: Path) -> None:
    history = own_history(tmp_path)
    assert history.start_on == date(2025, 3, 1)
    assert history.imports[date(2025, 3, 2)] == "No,Who,Sum,Date,Due,Paid\nA2,k8,50.5,2.3.2025,1.4.2025,\n"
    [receipt] = history.receipts[date(2025, 4, 5)]
    assert (receipt.invoice, receipt.amount, receipt.currency, receipt.settles) == (
        "A1",
        Decimal("100.00"),
        "EUR",
        True,
    )
    assert [debtor.email for debtor in history.debtors] == ["billing@k7.example", "billing@k8.example"]


def test_the_story_goes_on_until_what_is_never_paid_has_passed_every_step(tmp_path: Path) -> None:
    assert own_history(tmp_path).end_on == date(2025, 4, 1) + timedelta(days=61)


def test_a_mapping_named_after_the_whole_file_name_is_found_too(tmp_path: Path) -> None:
    file = tmp_path / "ours.csv"
    file.write_text(LINES)
    (tmp_path / "ours.csv.mapping.json").write_text(json.dumps(OWN))
    assert find_mapping(file, None).history == {"settled_on": "Paid"}


def test_a_mapping_that_is_given_wins_over_the_one_beside(tmp_path: Path) -> None:
    own_history(tmp_path)
    given = tmp_path / "given.json"
    given.write_text(json.dumps({**OWN, "defaults": {"currency": "USD"}}))
    assert find_mapping(tmp_path / "ours.csv", given).defaults == {"currency": "USD"}


def test_the_settlement_may_stand_among_the_columns(tmp_path: Path) -> None:
    columns = {**OWN["columns"], "settled_on": "Paid"}  # type: ignore[dict-item]
    mapping = own_history(tmp_path, columns=columns, settled_on=None).mapping
    assert mapping.history == {"settled_on": "Paid"}
    assert "settled_on" not in mapping.for_import()["columns"]


def test_a_known_header_needs_no_mapping(tmp_path: Path) -> None:
    file = tmp_path / "anything.csv"
    header = "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate"
    file.write_text(f"{header},Extra\n391,C-1,4/6/2013,007,1/2/2013,2/1/2013,55.94,No,1/15/2013,x\n")
    history = read_history(file, find_mapping(file, None))
    [receipt] = history.receipts[date(2013, 1, 15)]
    assert (receipt.invoice, receipt.customer, receipt.currency) == ("007", "C-1", "USD")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settled_on": None}, "which column is settled_on"),
        ({"settled_on": "Gone"}, "no column Gone"),
        ({"date_format": "MM-DD"}, "date_format is one of"),
        ({"columns": {"external_id": "No"}}, "lack customer_external_id, amount, issued_on, due_on"),
        ({"tenant": {"colour": "red"}}, "no colour"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_in_words(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(MappingError, match=said):
        own_history(tmp_path, **changes)


def test_without_any_mapping_the_message_shows_one(tmp_path: Path) -> None:
    file = tmp_path / "strange.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(MappingError, match=r"Write strange\.mapping\.json beside the file"):
        find_mapping(file, None)


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 3: "):
        own_history(tmp_path, lines=LINES.replace("1.4.2025", "April"))


def test_the_independent_lines_count_steps_before_the_money_and_before_the_end(tmp_path: Path) -> None:
    file = tmp_path / "few.csv"
    file.write_text(
        "no,who,issued,due,paid\n"
        "early,a,2025-01-01,2025-01-31,2025-01-20\n"  # before the first step
        "same-day,a,2025-01-01,2025-01-31,2025-01-24\n"  # the money comes in the morning of the first step
        "next-day,a,2025-01-01,2025-01-31,2025-01-25\n"
        "late,a,2025-01-01,2025-01-31,2025-02-16\n"
        "never,a,2025-01-01,2025-01-31,\n"
        "special,b,2025-01-01,2025-01-31,\n"
        "short,a,2025-01-30,2025-01-31,\n"
    )
    notices = expected_notices(
        file,
        invoice="no",
        customer="who",
        issued="issued",
        due="due",
        settled="paid",
        pattern="%Y-%m-%d",
        since=date(2025, 1, 1),
        until=date(2025, 2, 20),
        not_judged={"b"},
    )
    assert notices == {
        "early": [],
        "same-day": [],
        "next-day": ["friendly_reminder"],
        "late": ["friendly_reminder", "overdue_notice", "firm_notice"],
        "never": ["friendly_reminder", "overdue_notice", "firm_notice"],
    }
