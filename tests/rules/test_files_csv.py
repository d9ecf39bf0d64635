"""From pieces of text to records: the same records however the text is cut, and bounded memory whatever it is."""

from __future__ import annotations

import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.files.csv_records import CsvRecords, FileRefused, Record
from domain.files.encodings import candidates_for
from domain.importing.rules.seen import Seen

cells = st.text(alphabet='ab",\n\r 中', max_size=6)


def records(pieces: list[str]) -> list[Record]:
    parser = CsvRecords()
    found: list[Record] = []
    for piece in pieces:
        parser.feed(piece)
        found += parser.complete()
    parser.end()
    return found + list(parser.complete())


@given(
    rows=st.lists(st.lists(cells, min_size=2, max_size=4), max_size=8), cuts=st.lists(st.integers(0, 200), max_size=6)
)
def test_the_cuts_do_not_matter(rows: list[list[str]], cuts: list[int]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    text = out.getvalue()
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    assert records(pieces) == records([text])
    assert [record.fields for record in records(pieces)] == rows


def test_a_record_has_the_line_on_which_it_begins_and_blank_lines_count() -> None:
    found = records(['a,b\n\n"x\ny",1\nlast,2'])
    assert found == [Record(1, ["a", "b"]), Record(3, ["x\ny", "1"]), Record(5, ["last", "2"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read_even_when_cut_in_two(end: str) -> None:
    text = f"a,b{end}1,2{end}3,4{end}"
    assert [r.fields for r in records(list(text))] == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert [r.line for r in records(list(text))] == [1, 2, 3]


def test_a_quote_that_is_never_closed_is_refused_with_the_line_of_its_record() -> None:
    with pytest.raises(FileRefused) as refused:
        records(['a,b\n1,2\n"never,closed\n5,6\n'])
    assert refused.value.code == "malformed_csv"
    assert "line 3" in refused.value.detail


def test_a_file_of_one_endless_line_is_refused_before_it_fills_the_memory() -> None:
    parser = CsvRecords()
    for _ in range(10):
        parser.feed("x," * 50_000)
        assert list(parser.complete()) == []
    parser.feed("x")
    with pytest.raises(FileRefused) as refused:
        list(parser.complete())
    assert refused.value.code == "malformed_csv"


def test_a_field_longer_than_any_honest_one_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        records(["a\n", "x" * 200_000, "\n"])
    assert refused.value.code == "malformed_csv"


def test_what_was_seen_is_known_and_what_was_not_is_new() -> None:
    seen = Seen()
    assert [seen.add(f"INV-{n}") for n in range(5000)] == [True] * 5000
    assert [seen.add(f"INV-{n}") for n in range(5000)] == [False] * 5000


def test_only_charsets_that_are_read_have_candidates() -> None:
    assert candidates_for(None) == candidates_for("UTF-8") == ["utf-8-sig", "gb18030"]
    assert candidates_for("gbk") == ["gb18030"]
    assert candidates_for("iso-8859-1") == []
