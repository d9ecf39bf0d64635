"""PURE: how long somebody who keeps failing has to wait."""

from __future__ import annotations

from datetime import timedelta

FREE_ATTEMPTS = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)
"""After so long without an attempt the count begins anew."""


def delay_after(count: int) -> timedelta | None:
    """The pause after the `count`th attempt in a row without success.

    >>> [delay_after(n) for n in (4, 5, 6)]
    [None, datetime.timedelta(seconds=30), datetime.timedelta(seconds=60)]
    """
    if count < FREE_ATTEMPTS:
        return None
    doublings: int = min(count - FREE_ATTEMPTS, 16)
    return min(LONGEST_DELAY, FIRST_DELAY * (1 << doublings))
