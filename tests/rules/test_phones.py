"""A phone number is the same number however somebody writes it."""

from __future__ import annotations

import pytest

from domain.kernel.phones import e164, mask_known, phone_digits


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The 'To' number +8613800006789 is not valid", "The 'To' number ***6789 is not valid"),
        ("number 138-0000-6789, code 1234567", "number ***6789, code 1234567"),
        ("8613800006789 and a@b.example", "***6789 and a***@b.example"),
        ("request 13800006780 of 2026-01-05 09:00", "request 13800006780 of 2026-01-05 09:00"),
    ],
)
def test_what_a_provider_repeats_is_masked_however_it_is_written(text: str, shown: str) -> None:
    assert mask_known(text, "+86 138 0000 6789") == shown
