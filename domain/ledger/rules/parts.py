"""PURE: one invoice that is due in several parts, each a receivable of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivablePart:
    """Which of `count` parts of one invoice a receivable is; the parts have the group in common."""

    number: int
    count: int
    group_id: str
