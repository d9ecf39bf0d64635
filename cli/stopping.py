"""Make every polite way of ending a command the same: SIGTERM and a closed terminal act like Ctrl-C."""

from __future__ import annotations

import signal
from types import FrameType


def stop_like_interrupt() -> None:
    """From here on SIGTERM and SIGHUP raise KeyboardInterrupt, or cancel the running asyncio program, as SIGINT does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    # A shell starts background commands with SIGINT ignored; then Python installs no handler of its own.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)
