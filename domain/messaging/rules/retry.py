"""PURE: when a notice that a channel could not take is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

# Between the attempts: five in about eight hours, long enough for a mail server's greylisting or a restart.
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5))


def next_attempt_at(attempt_count: int, now: datetime) -> datetime | None:
    """When to try again after `attempt_count` attempts, or None when that was the last one."""
    return now + PAUSES[attempt_count - 1] if attempt_count <= len(PAUSES) else None
