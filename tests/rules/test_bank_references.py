"""Which numbers a remittance text holds."""

from __future__ import annotations

import pytest

from domain.banking.rules.references import key_of, name_key, runs_of, without_parts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Rechnung INV-2026-001 danke", "INV-2026-001"),
        ("inv 2026 001", "INV-2026-001"),
        ("ＩＮＶ２０２６／００１", "INV-2026-001"),
        ("货款INV-2026-001谢谢", "INV-2026-001"),
        ("RE:INV-2026-001,INV-2026-002", "INV-2026-002"),
    ],
)
def test_a_number_is_found_however_it_is_written(text: str, number: str) -> None:
    assert key_of(number) in {run.key for run in runs_of(text)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("INV-20260012", "INV-2026001"),
        ("XINV-2026001", "INV-2026001"),
        ("INV-1,0001", "INV-10001"),
        ("2026", "2026"),
        ("7", "7"),
        ("R-1 paid", "R-1"),
        ("２０２６", "2026"),
        ("danke", "danke"),
    ],
)
def test_a_part_of_another_number_or_what_is_too_short_is_none(text: str, number: str) -> None:
    assert key_of(number) not in {run.key for run in runs_of(text)}


def test_a_number_inside_a_longer_one_gives_way_unless_blanks_were_between() -> None:
    found = [run for run in runs_of("INV-2026-00199") if run.key in ("inv202600199", "202600199")]
    assert [run.key for run in without_parts(found)] == ["inv202600199"]
    loose = [run for run in runs_of("INV1001 5") if run.key in ("inv1001", "inv10015")]
    assert [run.key for run in without_parts(loose)] == ["inv1001", "inv10015"]


def test_names_are_compared_by_letters_and_digits() -> None:
    assert name_key("Lanhai Trading Co., Ltd.") == name_key("LANHAI TRADING CO LTD")
