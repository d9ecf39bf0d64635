"""PURE: how many messages may leave through an account now, when it takes so many in a minute.

The generic cell rate algorithm: `paced_until` is when everything let through so far would have left, evenly spaced. It may run
ahead of the present by a second, or by one message where that is more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_BURST = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """How many may leave now, and until when that paces the account; `again_at` is when the next one may."""

    count: int
    paced_until: datetime
    again_at: datetime


def grant(paced_until: datetime | None, now: datetime, messages_per_minute: int, wanted: int) -> Grant:
    """Lets through at most `wanted` messages at `now`."""
    interval = _MINUTE / messages_per_minute
    burst = max(_BURST, interval)
    ahead = max(paced_until or now, now)
    count = max(0, min(wanted, (burst - (ahead - now)) // interval))
    ahead += count * interval
    return Grant(count, ahead, max(now, ahead + interval - burst))
