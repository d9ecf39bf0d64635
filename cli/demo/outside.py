"""What the world outside Dunwell saw, in the order in which it saw it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that arrived at the mail server; `order` compares with that of payments."""

    order: int
    message_id: str
    recipient: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook that arrived; `problem` says why it cannot be trusted, None if its signature is good."""

    order: int
    event_id: str
    body: dict[str, Any]
    problem: str | None


@dataclass(slots=True)
class Outside:
    """The notebook of the mail server, the webhook receiver and the integrator's own accounts."""

    mails: list[Mail] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    settled: dict[str, int] = field(default_factory=dict)
    """By the receivable's external id: the order at which the API had acknowledged the money that settles it."""
    payment_count: int = 0
    _order: count[int] = field(default_factory=count)

    def next_order(self) -> int:
        """The number of what is seen now; larger than all before."""
        return next(self._order)

    def delivered_event_ids(self) -> set[str]:
        """The events of which at least one verified webhook came."""
        return {hook.event_id for hook in self.hooks if hook.problem is None}

    def mails_per_message(self) -> Counter[str]:
        """How often each message came."""
        return Counter(mail.message_id for mail in self.mails)
