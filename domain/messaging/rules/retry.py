"""PURE: when a notice that a channel could not take is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

# Between the attempts: five in about eight hours, long enough for a mail server's greylisting or a restart.
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5))


LONGEST_WISH = timedelta(days=1)


def next_attempt_at(attempt_count: int, now: datetime, retry_after: int | None = None) -> datetime | None:
    """When to try again after `attempt_count` attempts, or None when that was the last one.

    Not before a provider wants to see the message again, in `retry_after` seconds; it cannot wish for more than a day.
    """
    if attempt_count > len(PAUSES):
        return None
    wished = min(timedelta(seconds=max(retry_after or 0, 0)), LONGEST_WISH)
    return now + max(PAUSES[attempt_count - 1], wished)
