"""A phone number is the same number however somebody writes it."""

from __future__ import annotations

import pytest

from domain.kernel.phones import e164, phone_digits


@pytest.mark.parametrize(
    "written",
    ["+86 138-0000 6789", "0086 13800006789", "13800006789", "+8613800006789", " 138 0000 6789"],
)
def test_a_mainland_number_in_its_ways_of_writing(written: str) -> None:
    assert phone_digits(written) == "8613800006789"
    assert e164(written) == "+8613800006789"


@pytest.mark.parametrize(
    ("written", "digits"),
    [("+1 (415) 867-5309", "14158675309"), ("+13800006789", "13800006789"), ("02161234567", "02161234567")],
)
def test_other_numbers_keep_what_they_say(written: str, digits: str) -> None:
    assert phone_digits(written) == digits
