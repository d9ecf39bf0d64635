"""PURE: what the conditions of a plan may ask, by name and kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.kernel.predicate_values import Kind

STEP_FIELDS: Mapping[str, Kind] = MappingProxyType(
    {
        "open_amount": "money",
        "due_amount": "money",
        "overdue_amount": "money",
        "days_overdue": "number",
        "grade": "text",
        "tags": "texts",
        "currency": "text",
        "reachable_channels": "texts",
        "last_notice_state": "text",
        "last_notice_channel": "text",
        "delay_reason": "text",
        "notices_sent": "number",
        "customer_locale": "text",
        "is_escalated": "bool",
    }
)
"""Fields of a step's condition and of `stop_when`."""

BRANCH_FIELDS: Mapping[str, Kind] = MappingProxyType({**STEP_FIELDS, "outcome": "text"})
"""Fields of a branch, which also knows what became of its step: done, skipped or held."""
