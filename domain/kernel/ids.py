"""Prefixed, time-sortable ids in TypeID form: `rcv_01jd3k...`, a UUIDv7 in Crockford base 32.

Source: TypeID specification 0.3.0 and RFC 9562 section 5.7. The same string is used in PostgreSQL (text collate "C"), REST,
GraphQL, events and logs, so that an id seen anywhere can be searched for everywhere.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache

from domain.kernel.clock import system_milliseconds
from domain.kernel.randomness import RandomSource

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_ID = re.compile(r"[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}", re.ASCII)

_lock = threading.Lock()
_last = 0
_random = RandomSource(8)


def new_id(prefix: str) -> str:
    """A new id with a three-letter prefix, larger than every id this process made before."""
    return _written(prefix, _next_ticks(1))


def new_ids(prefix: str, count: int) -> list[str]:
    """As many new ids, in rising order; the clock is asked once for all of them."""
    first = _next_ticks(count) if count else 0
    return [_written(prefix, tick) for tick in range(first, first + count)]


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` has the form of an id with this prefix."""
    return text.startswith(f"{prefix}_") and _ID.fullmatch(text) is not None


def _written(prefix: str, tick: int) -> str:
    bits = int.from_bytes(_random.next(), "big") >> 2
    # Two zero bits and the 48 of the time make ten characters; the version, the counter, the variant and 62 random bits make sixteen.
    high = 0x7 << 36 | (tick & 0xFFF) << 24 | 0b10 << 22 | bits >> 40
    return f"{prefix}_{_written_time(tick >> 12)}{_written_40_bits(high)}{_written_40_bits(bits & 0xFF_FFFF_FFFF)}"


def _next_ticks(count: int) -> int:
    """The first of as many: by RFC 9562, method 1, the 12 bits after the milliseconds count up, so that rows keep the order of a file."""
    global _last
    with _lock:
        first = max(system_milliseconds() << 12, _last + 1)
        _last = first + count - 1
        return first


@lru_cache(maxsize=8)
def _written_time(milliseconds: int) -> str:
    return _written_40_bits(milliseconds >> 10) + _PAIRS[milliseconds & 0x3FF]


def _written_40_bits(number: int) -> str:
    return f"{_PAIRS[number >> 30]}{_PAIRS[number >> 20 & 0x3FF]}{_PAIRS[number >> 10 & 0x3FF]}{_PAIRS[number & 0x3FF]}"
