"""The schedule of webhook attempts."""

from __future__ import annotations

from datetime import timedelta

from domain.events.rules.backoff import JITTER, SCHEDULE, wait_after


def test_there_are_ten_attempts_over_three_days() -> None:
    assert len(SCHEDULE) == 10
    assert SCHEDULE[0] == timedelta(0)
    assert timedelta(days=3) < sum(SCHEDULE, timedelta(0)) < timedelta(days=4)


def test_a_wait_is_never_shorter_than_the_schedule_and_at_most_a_fifth_longer() -> None:
    for attempt in range(1, 10):
        for n in range(200):
            wait = wait_after(attempt, f"whd_{n}")
            assert wait is not None
            assert SCHEDULE[attempt] <= wait < SCHEDULE[attempt] * (1 + JITTER)


def test_the_jitter_spreads_deliveries_but_is_the_same_each_time() -> None:
    waits = [wait_after(3, f"whd_{n}") for n in range(200)]
    assert len(set(waits)) > 190
    assert waits == [wait_after(3, f"whd_{n}") for n in range(200)]


def test_after_the_last_attempt_comes_none() -> None:
    assert wait_after(10, "whd_1") is None
    assert wait_after(11, "whd_1") is None
