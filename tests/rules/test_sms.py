"""Texts as SMS: how many parts, which replies mean stop."""

from __future__ import annotations

import pytest

from domain.messaging.rules.sms import asks_to_stop, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("欠" * 70, 1),
        ("欠" * 71, 2),
        ("欠" * 134, 2),
        ("欠" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_parts(text: str, parts: int) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize("reply", ["STOP", " stop. ", "退订", "回T退订", "TD", "t", "Unsubscribe!"])
def test_words_that_mean_stop(reply: str) -> None:
    assert asks_to_stop(reply)


@pytest.mark.parametrize("reply", ["", "Please stop by tomorrow", "已付款，请核对", "不要退订", "Thanks"])
def test_words_that_a_person_should_read(reply: str) -> None:
    assert not asks_to_stop(reply)
