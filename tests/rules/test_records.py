"""Records: what a dataclass does, and copies of them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest

from domain.kernel.copying import changed, record_of
from domain.kernel.records import is_record, record


@record(frozen=True, slots=True, kw_only=True)
class Told:
    """A record with all that a dataclass may have."""

    name: str
    count: int = 1
    parts: list[str] = field(default_factory=list, hash=False)


@record(frozen=True, slots=True)
class Pair:
    """A record made by position."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Plain:
    """No record, but a dataclass that computes a field when it is made."""

    one: int
    twice: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.one)


def test_a_record_is_equal_hashed_shown_and_replaced_as_a_dataclass() -> None:
    told = Told(name="a")
    assert told == Told(name="a", count=1, parts=[]) != Told(name="b")
    assert len({told, Told(name="a"), Told(name="b")}) == 2
    assert repr(Pair("a", "b")) == "Pair(one='a', other='b')"
    assert dataclasses.replace(told, count=2) == Told(name="a", count=2)
    assert [one.name for one in dataclasses.fields(Told)] == ["name", "count", "parts"]
    assert not hasattr(told, "__dict__")


def test_a_copy_differs_in_what_was_changed_and_shares_the_rest() -> None:
    told = Told(name="a", parts=["x"])
    copy = changed(told, count=3)
    assert copy == Told(name="a", count=3, parts=["x"])
    assert copy.parts is told.parts
    assert told.count == 1
    assert changed(Pair("a", "b"), other="c") == Pair("a", "c")


def test_a_record_is_made_of_its_values_in_their_order() -> None:
    assert record_of(Told, ["a", 2, ["x"]]) == Told(name="a", count=2, parts=["x"])
    assert record_of(Pair, ("a", "b")) == Pair("a", "b")
    for wrong in (("a",), ("a", "b", "c")):
        with pytest.raises(ValueError, match="unpack"):
            record_of(Pair, wrong)


def test_a_copy_of_what_is_no_record_is_made_anew() -> None:
    assert changed(Plain(1), one=4) == Plain(4)
    assert (is_record(Plain), is_record(Told)) == (False, True)


def test_a_record_computes_nothing_when_it_is_made() -> None:
    class Computing:
        one: int

        def __post_init__(self) -> None:
            raise AssertionError

    with pytest.raises(TypeError, match="nothing is computed"):
        record(frozen=True, slots=True)(Computing)


def test_a_record_says_that_it_is_frozen() -> None:
    with pytest.raises(TypeError, match="frozen"):
        record(frozen=False, slots=True)(Plain)
