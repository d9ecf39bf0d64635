"""The only place that reads the time; everything else is given a clock or an instant."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant by the machine's clock."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: the test clock of a sandbox tenant, or of a test."""

    instant: datetime

    def now(self) -> datetime:
        """The instant at which this clock stands."""
        return self.instant


def system_milliseconds() -> int:
    """Milliseconds since 1970-01-01T00:00:00Z, for ids."""
    return time.time_ns() // 1_000_000


def monotonic_seconds() -> float:
    """For measuring how long something took; has no relation to any calendar."""
    return time.monotonic()
