"""Matching a customer's list with ours, following up differences, and reading lists."""

from __future__ import annotations

import doctest
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money
from domain.reconciliation.model import MOST_ITEMS, ReconciliationItem
from domain.reconciliation.rules import matching, numbers
from domain.reconciliation.rules.following import followed_up
from domain.reconciliation.rules.listing import check_list, lines_of
from domain.reconciliation.rules.matching import Finding, OurItem, TheirItem, reconciled

DUE, LATER = date(2026, 1, 31), date(2026, 2, 28)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def ours(receivable_id: str, number: str, amount: str | int = 100, **more: Any) -> OurItem:
    return OurItem(receivable_id=receivable_id, number=number, open_amount=Decimal(amount), **{"due_on": DUE, **more})


def line(number: str, amount: str | int = 100, **more: Any) -> TheirItem:
    return TheirItem(number=number, amount=Decimal(amount), **more)


def told(findings: list[Finding]) -> list[tuple[str, str | None, str | None]]:
    """Kind, by what, and which of ours, in the order of the findings."""
    return [(f.kind, f.matched_by, f.ours.receivable_id if f.ours else None) for f in findings]


def compared(our_items: list[OurItem], lines: list[TheirItem]) -> list[tuple[str, str | None, str | None]]:
    return told(reconciled(our_items, lines))


@pytest.mark.parametrize("module", [matching, numbers])
def test_doctests(module: Any) -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize("number", ["INV-0012", "inv 0012", "ＩＮＶ－００１２", "INV12", "Inv/12", " inv.0012 "])
def test_a_number_is_known_however_it_is_written(number: str) -> None:
    assert compared([ours("a", "INV-0012"), ours("b", "INV-13")], [line(number)]) == [
        ("matched", "number", "a"),
        ("missing_at_customer", None, "b"),
    ]


def test_every_kind_at_once() -> None:
    known = [ours("a", "1"), ours("b", "2"), ours("c", "3"), ours("d", "4", 0)]
    lines = [line("1"), line("2", 90), line("1"), line("9", 7), line("4", 50)]
    findings = reconciled(known, lines)
    assert told(findings) == [
        ("matched", "number", "a"),
        ("amount_differs", "number", "b"),
        ("duplicate_in_list", None, None),
        ("unknown_to_us", None, None),
        ("settled_since", "number", "d"),
        ("missing_at_customer", None, "c"),
    ]
    assert [f.difference for f in findings] == [0, 10, -100, -7, -50, 100]


def test_the_number_as_written_goes_before_what_it_looks_like() -> None:
    known = [ours("a", "INV-1-1"), ours("b", "INV-11")]
    assert compared(known, [line("INV-11"), line("INV-1-1")]) == [
        ("matched", "number", "b"),
        ("matched", "number", "a"),
    ]
    assert compared(known, [line("inv 1 1", 70)])[0] == ("unknown_to_us", None, None), "a tie decides nothing"


def test_parts_of_one_invoice_are_told_apart_by_amount_or_due_date_and_else_not_at_all() -> None:
    parts = [ours("a", "1", 60), ours("b", "1", 40, due_on=LATER)]
    assert [x[2] for x in compared(parts, [line("1", 40), line("1", 60)])] == ["b", "a"]
    assert compared(parts, [line("1", 41, due_on=LATER), line("1", 61, due_on=DUE)]) == [
        ("amount_differs", "number", "b"),
        ("amount_differs", "number", "a"),
    ]
    assert [x[0] for x in compared(parts, [line("1", 100)])] == ["unknown_to_us", *["missing_at_customer"] * 2]
    twins = [ours("a", "1", 50), ours("b", "1", 50)]
    assert {x[0] for x in compared(twins, [line("1", 50), line("1", 50)])} == {"unknown_to_us", "missing_at_customer"}


def test_of_a_number_that_is_listed_twice_the_line_with_our_amount_stands() -> None:
    assert compared([ours("a", "1")], [line("1", 90), line("01", 100), line("1", 100)]) == [
        ("duplicate_in_list", None, None),
        ("duplicate_in_list", None, None),
        ("matched", "number", "a"),
    ]
    unknown = compared([], [line("1", 5), line("1", 6)])
    assert [x[0] for x in unknown] == ["unknown_to_us", "duplicate_in_list"]
    settled = compared([ours("a", "1", 0)], [line("1", 5), line("1", 5)])
    assert [x[0] for x in settled] == ["settled_since", "duplicate_in_list"]


def test_a_reference_is_an_external_id_an_order_or_our_number() -> None:
    known = [ours("a", "1", external_id="erp-1"), ours("b", "2", order_reference="PO-7"), ours("c", "3")]
    lines = [line("V1", reference="ERP 1"), line("V2", reference="po7"), line("V3", reference="3")]
    assert compared(known, lines) == [("matched", "reference", x) for x in "abc"]
    order = [ours("a", "1", order_reference="PO-7"), ours("b", "2", order_reference="PO-7", due_on=LATER)]
    assert compared(order, [line("V", reference="PO-7")])[0][0] == "unknown_to_us"
    assert compared(order, [line("V", reference="PO-7", due_on=LATER)])[0] == ("matched", "reference", "b")


def test_two_names_that_lead_to_different_items_decide_nothing() -> None:
    known = [ours("a", "X", external_id="e-1"), ours("b", "Y", external_id="e-2", due_on=LATER)]
    assert compared(known, [line("e-1", 70, reference="e-2")])[0] == ("unknown_to_us", None, None)


def test_a_settled_one_is_not_found_by_its_order_and_not_by_its_amount() -> None:
    known = [ours("a", "1", 0, order_reference="PO-7"), ours("b", "2")]
    assert compared(known, [line("V", 33, reference="PO-7")])[0][0] == "unknown_to_us"
    # The number says which it is, so equal amounts elsewhere mean nothing.
    assert compared(known, [line("1", due_on=DUE)])[0] == ("settled_since", "number", "a")


def test_amount_and_due_date_decide_only_where_both_sides_have_them_once() -> None:
    known = [ours("a", "1"), ours("b", "2", due_on=LATER)]
    assert compared(known, [line("V", due_on=DUE)])[0] == ("matched", "amount_and_due_on", "a")
    assert compared(known, [line("V")])[0][0] == "unknown_to_us"
    assert compared(known, [line("V", due_on=DUE), line("W", due_on=DUE)])[0][0] == "unknown_to_us"
    assert compared([*known, ours("c", "3")], [line("V", due_on=DUE)])[0][0] == "unknown_to_us"


NUMBERS = st.sampled_from(["1", "01", "INV-1", "inv1", "2", "--", "３"])
AMOUNTS = st.decimals(min_value=0, max_value=3, places=0)
NAMED = st.none() | NUMBERS
DUES = st.sampled_from([None, DUE, LATER])
OURS = st.lists(st.tuples(NUMBERS, AMOUNTS, NAMED, NAMED, DUES), max_size=9).map(
    lambda rows: [
        OurItem(
            receivable_id=str(n), number=r[0], open_amount=r[1], external_id=r[2], order_reference=r[3], due_on=r[4]
        )
        for n, r in enumerate(rows)
    ]
)
THEIRS = st.lists(
    st.builds(TheirItem, number=NUMBERS, amount=AMOUNTS.map(lambda a: a + 1), due_on=DUES, reference=NAMED), max_size=9
)


@given(our_items=OURS, lines=THEIRS)
def test_every_item_comes_up_once_and_the_differences_sum_to_that_of_the_totals(
    our_items: list[OurItem], lines: list[TheirItem]
) -> None:
    findings = reconciled(our_items, lines)
    assert [f.theirs for f in findings[: len(lines)]] == lines
    seen = [f.ours.receivable_id for f in findings if f.ours]
    assert len(seen) == len(set(seen)) >= sum(1 for item in our_items if item.open_amount)
    total = sum((i.open_amount for i in our_items), Decimal(0)) - sum((i.amount for i in lines), Decimal(0))
    assert sum((f.difference for f in findings), Decimal(0)) == total
    for finding in findings:
        assert (finding.kind == "matched") <= (finding.difference == 0)
        assert (finding.kind == "settled_since") == bool(finding.ours and not finding.ours.open_amount)


def an_item(**more: Any) -> ReconciliationItem:
    fields: dict[str, Any] = dict.fromkeys(ReconciliationItem.__dataclass_fields__)
    zero = Money.zero("CNY")
    return ReconciliationItem(
        **{**fields, "kind": "unknown_to_us", "state": "open", "version": 1, "difference_amount": zero, **more}
    )


def test_a_difference_goes_forward_and_ends() -> None:
    taken = followed_up(an_item(), {"state": "in_progress", "owner_id": "usr_1"}, NOW)
    assert (taken.state, taken.owner_id, taken.version, taken.updated_at) == ("in_progress", "usr_1", 2, NOW)
    done = followed_up(taken, {"state": "resolved", "resolution": "other", "note": "they booked it twice"}, NOW)
    assert (done.state, done.resolution, done.resolved_at, done.version) == ("resolved", "other", NOW, 3)
    assert followed_up(taken, {"state": "in_progress"}, NOW) is taken
    for item, changes, code in (
        (done, {"note": "again"}, "difference_resolved"),
        (taken, {"state": "open"}, "state_backwards"),
        (an_item(kind="matched", state=None), {"note": "x"}, "not_a_difference"),
    ):
        with pytest.raises(Conflict) as refused:
            followed_up(item, changes, NOW)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"state": "resolved"}, "/resolution", "missing_field"),
        ({"resolution": "corrected"}, "/resolution", "not_resolved"),
        ({"state": "resolved", "resolution": "other"}, "/note", "missing_field"),
        ({"state": "closed"}, "/state", "invalid_value"),
        ({"note": ""}, "/note", "length_out_of_range"),
        ({"note": "a\x00b"}, "/note", "control_character"),
    ],
)
def test_what_no_difference_can_take(changes: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        followed_up(an_item(), changes, NOW)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, code)]


def test_a_list_names_everything_that_is_wrong_with_it() -> None:
    wrong = [
        line("ok"),
        line("", "-1"),
        line("a\tb", "0.001", reference="x" * 201),
        line("c", "1e15", due_on=date(1900, 1, 1)),
    ]
    with pytest.raises(InvalidInput) as refused:
        check_list(wrong, "CNY")
    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/items/1/number", "length_out_of_range"),
        ("/items/1/amount", "amount_not_positive"),
        ("/items/2/number", "control_character"),
        ("/items/2/reference", "length_out_of_range"),
        ("/items/2/amount", "too_many_digits"),
        ("/items/3/amount", "amount_out_of_range"),
        ("/items/3/due_on", "date_out_of_range"),
    ]
    for items, code in (([], "list_empty"), ([line("1")] * (MOST_ITEMS + 1), "too_many_items")):
        with pytest.raises(InvalidInput) as refused:
            check_list(items, "CNY")
        assert refused.value.errors[0].code == code
    with pytest.raises(InvalidInput) as refused:
        check_list([line("1")], "XXX")
    assert refused.value.errors[0].code == "unknown_currency"


def test_lines_of_a_csv_are_texts_whatever_they_look_like() -> None:
    text = "\ufeffnumber, amount ,due_on,further\n\"=cmd|'/c calc'!A1\",10.00,2026-01-31,x\n\n发票1,5\n"
    said = [
        {"number": "=cmd|'/c calc'!A1", "amount": "10.00", "due_on": "2026-01-31"},
        {"number": "发票1", "amount": "5"},
    ]
    assert lines_of(text.encode(), "utf-8") == said
    assert lines_of(text.removeprefix("\ufeff").encode("gb18030"), None) == said
    assert len(lines_of(b"number,amount\n" + b"1,1\n" * 20_000, None)) == MOST_ITEMS + 1


@pytest.mark.parametrize(
    ("content", "charset", "code"),
    [
        (b"", None, "missing_column"),
        (b"number\n1\n", None, "missing_column"),
        (b"number,amount,amount\n", None, "duplicate_column"),
        (b'number,amount\n"1,2\n', None, "malformed_csv"),
        (b"number,amount\n\xff\xff,2\n", None, "unknown_encoding"),
        (b"number,amount\n", "latin-1", "unknown_encoding"),
    ],
)
def test_what_is_no_list(content: bytes, charset: str | None, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lines_of(content, charset)
    assert refused.value.errors[0].code == code
