"""Prefixed, time-sortable ids in TypeID form: `rcv_01jd3k...`, a UUIDv7 in Crockford base 32.

Source: TypeID specification 0.3.0 and RFC 9562 section 5.7. The same string is used in PostgreSQL (text collate "C"), REST,
GraphQL, events and logs, so that an id seen anywhere can be searched for everywhere.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from struct import iter_unpack

from domain.kernel.clock import system_milliseconds

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_ID = re.compile(r"[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}", re.ASCII)

_lock = threading.Lock()
_last = 0
_DRAWN_AT_ONCE = 256
_drawn: list[int] = []


def new_id(prefix: str) -> str:
    """A new id with a three-letter prefix, larger than every id this process made before."""
    return f"{prefix}_{_base32(_next_uuid7())}"


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` has the form of an id with this prefix."""
    return text.startswith(f"{prefix}_") and _ID.fullmatch(text) is not None


def _next_uuid7() -> int:
    """RFC 9562 method 1: the 12 bits after the time count up within a millisecond, so rows keep the order of a file."""
    global _last
    with _lock:
        floor = _last >> 62
        tick = max((system_milliseconds() << 12), floor + 1)
        _last = tick << 62
        bits = _random_62_bits()
    milliseconds, counter = tick >> 12, tick & 0xFFF
    return milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | bits


def _random_62_bits() -> int:
    """From the system's source, which is asked for many at once."""
    if not _drawn:
        _drawn.extend(number >> 2 for (number,) in iter_unpack("<Q", secrets.token_bytes(8 * _DRAWN_AT_ONCE)))
    return _drawn.pop()


# Two processes must not draw the same.
os.register_at_fork(after_in_child=lambda: _drawn.clear())


def _base32(number: int) -> str:
    """26 characters of 5 bits, two at a time."""
    return "".join([_PAIRS[number >> shift & 0x3FF] for shift in range(120, -1, -10)])
