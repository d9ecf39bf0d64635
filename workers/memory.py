"""Memory in a process that works through batches: each makes tens of thousands of objects and lets go of all of them."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

# Parameters of glibc's mallopt(3), from its malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 24 * 1024 * 1024
_LARGEST_KEPT_BYTES = 8 * 1024 * 1024


def suit_batches() -> None:
    """Has the process look for circular garbage less often, and keep memory that one batch gave back for the next."""
    _collect_seldom()
    # Another C library than glibc has no such function, and its own ideas.
    with suppress(AttributeError, OSError):
        _keep_freed_memory()


def _collect_seldom() -> None:
    """No object of a batch is in a circle, and looking through them again and again took a twentieth of the time.

    What stays for the life of the process is not looked at either.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _keep_freed_memory() -> None:
    """Giving pages back to the system and having them cleared anew took a thirtieth of the time."""
    library = ctypes.CDLL(None)
    library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
    library.mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
