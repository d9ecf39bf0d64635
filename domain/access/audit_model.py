"""What is shown of the audit log, and what a verification of its chain answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Break = Literal[
    "content_changed",
    "link_broken",
    "entry_missing",
    "entry_after_head",
    "head_differs",
    "expected_entry_missing",
    "expected_hash_differs",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what, through which client, from where; hashes in hexadecimal."""

    id: str
    sequence: int
    recorded_at: datetime
    action: str
    actor_kind: str
    actor_id: str
    client_id: str | None
    address: str | None
    request_id: str | None
    object_ids: list[str]
    details: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerification:
    """Whether the chain holds; if not, the first place where it does not, and why.

    Whoever keeps `last_sequence` and `last_hash` outside finds out later whether anything up to there was rewritten or cut.
    """

    valid: bool
    entry_count: int
    last_sequence: int
    last_hash: str
    first_broken_sequence: int | None
    reason: Break | None
