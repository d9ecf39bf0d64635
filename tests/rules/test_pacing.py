"""Pacing and the wishes of providers, by the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.messaging.rules.pacing import grant
from domain.messaging.rules.retry import PAUSES, next_attempt_at

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_twenty_a_minute_leave_one_every_three_seconds() -> None:
    first = grant(None, NOW, 20, 8)
    assert (first.count, first.again_at) == (1, NOW + timedelta(seconds=3))
    assert grant(first.paced_until, NOW + timedelta(seconds=2.9), 20, 8).count == 0
    assert grant(first.paced_until, NOW + timedelta(seconds=3), 20, 8).count == 1


def test_a_fast_account_may_use_a_second_at_once_and_not_more() -> None:
    let = grant(None, NOW, 600, 100)
    assert let.count == 10
    assert grant(let.paced_until, NOW, 600, 100).count == 0
    assert grant(let.paced_until, NOW + timedelta(milliseconds=500), 600, 100).count == 5


@pytest.mark.parametrize("per_minute", [1, 7, 20, 60, 600, 300_000])
def test_over_ten_minutes_no_more_leave_than_are_allowed(per_minute: int) -> None:
    paced_until, now, left = None, NOW, 0
    while now < NOW + timedelta(minutes=10):
        let = grant(paced_until, now, per_minute, 1000)
        paced_until, left = let.paced_until, left + let.count
        now = max(let.again_at, now + timedelta(seconds=1))
    burst = max(per_minute / 60, 1)
    assert left <= 10 * per_minute + burst
    assert left >= min(9 * per_minute, 9 * 60 * 999)


def test_an_idle_hour_saves_nothing_up() -> None:
    assert grant(NOW - timedelta(hours=1), NOW, 60, 100).count == 1


def test_a_provider_can_ask_for_patience_but_not_for_haste() -> None:
    assert next_attempt_at(1, NOW, 3600) == NOW + timedelta(hours=1)
    assert next_attempt_at(1, NOW, 1) == NOW + PAUSES[0]
    assert next_attempt_at(1, NOW, 10**9) == NOW + timedelta(days=1)
    assert next_attempt_at(len(PAUSES) + 1, NOW, 60) is None
