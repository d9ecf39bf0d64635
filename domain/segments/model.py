"""Segments: questions about customers, kept under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The customers of whom `predicate` is true at the moment of asking; nobody is ever put into a segment or taken out of it."""

    id: str
    name: str
    predicate: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCount:
    """How many customers a segment has now; a collector limited to own customers counts those."""

    segment_id: str
    customer_count: int
