"""What a process remembers of accounts between batches: access tokens, and how fast it has been sending.

Only memory: a process that starts knows nothing and asks again. Several processes do not share it, so providers may still say
that we are too fast; their answer is then obeyed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from domain.kernel.clock import monotonic_seconds
from domain.messaging.channel_model import Outcome

# A token is renewed before it ends, since a request takes time to arrive.
_EARLY = 300.0
# After a refusal the provider is not asked again at once: asking for tokens too often is an offence of its own.
_REFUSAL_KEPT = 5.0
_MOST = 10_000

Limit = tuple[int, float]
"""At most so many within so many seconds."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A provider's token; `lifetime` in seconds from now."""

    value: str = field(repr=False)
    lifetime: float


@dataclass(slots=True)
class _Kept:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    got: str | Outcome | None = None
    until: float = 0.0


class Tokens:
    """Access tokens by secret; of those who ask at once one fetches."""

    def __init__(self, now: Callable[[], float] = monotonic_seconds) -> None:
        self._now = now
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def get(self, key: str, fetch: Callable[[], Awaitable[AccessToken | Outcome]]) -> str | Outcome:
        """The token, or why there is none."""
        kept = self._kept.setdefault(key, _Kept())
        _bound(self._kept, key)
        async with kept.lock:
            if kept.got is None or self._now() >= kept.until:
                fetched = await fetch()
                if isinstance(fetched, AccessToken):
                    kept.got = fetched.value
                    kept.until = self._now() + max(fetched.lifetime - _EARLY, fetched.lifetime / 2)
                else:
                    kept.got = fetched
                    kept.until = self._now() + (fetched.retry_after or _REFUSAL_KEPT)
            return kept.got

    def forget(self, key: str, token: str) -> None:
        """The provider has refused this token before its time; one that replaced it already is kept."""
        kept = self._kept.get(key)
        if kept is not None and kept.got == token:
            kept.got = None


class Pace:
    """Keeps within limits that a provider punishes by dropping messages without a word."""

    def __init__(self, now: Callable[[], float] = monotonic_seconds) -> None:
        self._now = now
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()
        self._turned_away: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, limits: tuple[Limit, ...]) -> float:
        """0 and a place is taken, or after how many seconds to come again; a queue is spread over the rounds it needs."""
        now, longest = self._now(), max(seconds for _, seconds in limits)
        taken = _within(self._taken, key, now - longest)
        waits = [taken[-most] + seconds - now for most, seconds in limits if len(taken) >= most]
        wait = max(waits, default=0.0)
        if wait <= 0:
            taken.append(now)
            return 0.0
        most, seconds = limits[0]
        turned_away = _within(self._turned_away, key, now - seconds)
        turned_away.append(now)
        return wait + (len(turned_away) - 1) // most * seconds


@dataclass(slots=True)
class AccountMemory:
    """Shared by the adapters of one process."""

    tokens: Tokens = field(default_factory=Tokens)
    pace: Pace = field(default_factory=Pace)


def key_of(*parts: str) -> str:
    """A key that tells accounts apart without holding their secrets."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _within(kept: OrderedDict[str, deque[float]], key: str, since: float) -> deque[float]:
    times = kept.setdefault(key, deque())
    _bound(kept, key)
    while times and times[0] <= since:
        times.popleft()
    return times


def _bound(kept: OrderedDict[str, Any], key: str) -> None:
    kept.move_to_end(key)
    while len(kept) > _MOST:
        kept.popitem(last=False)
