"""Random bytes for cryptography, asked of the operating system for many values at once: each question is a system call."""

from __future__ import annotations

import os
import secrets

_AT_ONCE = 256


class RandomSource:
    """Values of `size` random bytes each, every one given out once; for any number of threads, and anew in a forked process."""

    __slots__ = ("_drawn", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._drawn: list[bytes] = []
        # Two processes must not give out the same.
        os.register_at_fork(after_in_child=self._drawn.clear)

    def next(self) -> bytes:
        """The next value."""
        while True:
            try:
                return self._drawn.pop()
            except IndexError:
                size, many = self._size, secrets.token_bytes(self._size * _AT_ONCE)
                self._drawn.extend([many[start : start + size] for start in range(0, len(many), size)])
