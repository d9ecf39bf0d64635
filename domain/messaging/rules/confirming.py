"""PURE: when a provider is asked again whether an employee has confirmed a message."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(minutes=5)
LONGEST = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=30)


def next_poll_at(since: datetime, now: datetime) -> datetime | None:
    """After a tenth of the time that it has waited, so that 200 questions cover a month; None when it is not asked again.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    >>> next_poll_at(at, at + timedelta(hours=10)) == at + timedelta(hours=11)
    True
    """
    if now - since >= GIVE_UP_AFTER:
        return None
    return now + min(max((now - since) / 10, FIRST), LONGEST)
