"""PURE: remembers which texts have been seen in a few bytes each, so that the largest file fits beside everything else."""

from __future__ import annotations

from array import array

_BUCKETS = 1 << 16


class Seen:
    """A set that only grows, of 64-bit hashes, about 10 bytes a text; two texts share a hash once in 10^7 files of 2 million."""

    def __init__(self) -> None:
        self._buckets: list[array[int] | None] = [None] * _BUCKETS

    def add(self, text: str) -> bool:
        """Remembers `text`; whether it is new."""
        number = hash(text)
        place = number & (_BUCKETS - 1)
        bucket = self._buckets[place]
        if bucket is None:
            self._buckets[place] = array("q", (number,))
            return True
        if number in bucket:
            return False
        bucket.append(number)
        return True
