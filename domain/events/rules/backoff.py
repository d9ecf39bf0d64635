"""PURE: when a webhook delivery is tried, as the Standard Webhooks specification 1.0.0 recommends."""

from __future__ import annotations

import zlib
from datetime import timedelta

# The wait before the first, second, ... attempt: ten attempts over about three days.
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# Waits are lengthened by up to this part, so that what failed together does not come back together.
JITTER = 0.2


def wait_after(attempt: int, delivery_id: str) -> timedelta | None:
    """How long to wait after the failed attempt number `attempt`; None when it was the last.

    >>> timedelta(seconds=5) <= wait_after(1, "whd_1") <= timedelta(seconds=6)
    True
    >>> wait_after(10, "whd_1") is None
    True
    """
    if attempt >= len(SCHEDULE):
        return None
    return SCHEDULE[attempt] * (1 + JITTER * _share(delivery_id, attempt))


def _share(delivery_id: str, attempt: int) -> float:
    """A number in [0, 1) that is always the same for the same delivery and attempt."""
    return zlib.crc32(f"{delivery_id}:{attempt}".encode()) / 2**32
