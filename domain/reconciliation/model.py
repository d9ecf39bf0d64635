"""Reconciliations: the customer's own list of open items against ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from domain.kernel.money import Money
from domain.reconciliation.rules.matching import ItemKind, MatchedBy

ReconciliationState = Literal["open", "completed"]
DifferenceState = Literal["open", "in_progress", "resolved"]
Resolution = Literal["agreed_ours", "agreed_theirs", "corrected", "other"]

MOST_ITEMS = 10_000
"""Lines of one list."""
MOST_OPEN = 20_000
"""Receivables of ours that are open in one currency; so many that a list of MOST_ITEMS would miss half of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What a customer lists as open at the end of a day in one currency, against what was open with us.

    `difference_amount` is ours less theirs, the sum of the items' differences. It is completed once every difference is resolved.
    """

    id: str
    customer_id: str
    as_of: date
    currency: str
    state: ReconciliationState
    our_amount: Money
    their_amount: Money
    difference_amount: Money
    matched_count: int
    difference_count: int
    unresolved_count: int
    completed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationItem:
    """A line of the customer's list, a receivable of ours, or both, as they were when they were compared.

    The first positions are the lines of the list in their order; then comes what they do not list. What matches has no state.
    """

    id: str
    reconciliation_id: str
    customer_id: str
    position: int
    kind: ItemKind
    matched_by: MatchedBy | None
    receivable_id: str | None
    our_number: str | None
    our_due_on: date | None
    our_amount: Money | None
    their_number: str | None
    their_reference: str | None
    their_issued_on: date | None
    their_due_on: date | None
    their_amount: Money | None
    difference_amount: Money
    state: DifferenceState | None
    owner_id: str | None
    resolution: Resolution | None
    note: str | None
    resolved_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items to list; None does not filter."""

    kind: ItemKind | None = None
    state: DifferenceState | None = None
    owner_id: str | None = None
