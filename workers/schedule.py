"""What runs when. Every task looks for what is due, so a missed or doubled tick changes nothing but latency."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from workers.tasks.confirmations import ask_for_confirmations
from workers.tasks.housekeeping import forget_old_answers
from workers.tasks.operations import run_operations
from workers.tasks.reminders import remind, send
from workers.tasks.revocations import publish_revocations
from workers.tasks.webhooks import post_webhooks


@dataclass(frozen=True, slots=True)
class Line:
    """A task, the seconds of each minute at which it runs, and how long one run may take."""

    task: Callable[[dict[str, Any]], Awaitable[int]]
    seconds: frozenset[int]
    timeout: int
    minutes: frozenset[int] | None = None


EVERY_SECOND = frozenset(range(60))
EVERY_OTHER_SECOND = frozenset(range(0, 60, 2))
EVERY_OTHER_MINUTE = frozenset(range(0, 60, 2))

SCHEDULE = (
    Line(remind, EVERY_SECOND, timeout=60),
    Line(send, EVERY_SECOND, timeout=60),
    Line(post_webhooks, EVERY_SECOND, timeout=60),
    Line(run_operations, EVERY_SECOND, timeout=3600),
    Line(publish_revocations, EVERY_OTHER_SECOND, timeout=30),
    Line(ask_for_confirmations, frozenset({30}), timeout=300, minutes=EVERY_OTHER_MINUTE),
    Line(forget_old_answers, frozenset({0}), timeout=60, minutes=frozenset({17})),
)
