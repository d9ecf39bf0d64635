"""How a tenant's ledger decides where nobody says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.kernel.money import Money
from domain.ledger.model import AllocationPolicy
from domain.ledger.rules.components import SettleFirst


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPolicy:
    """How a tenant's ledger decides where nobody says: what payments settle first, what is let go, when a second person decides.

    `tolerances` and `approval_limits` hold at most one amount for each currency. A difference of up to the tolerance that a
    payment leaves is written off; a write-off above the approval limit waits for a second person. Without an amount in its
    currency neither happens. `settle_first` orders what is owed within a receivable: charges (costs, interest, fees) or principal.
    `aging_bounds` are the last days overdue of each aging bucket, ascending; a last bucket has no end.
    `rate_sources` is whose exchange rate is taken where several tell one for the same day; none older than `rate_max_age_days` is.
    """

    allocation_policy: AllocationPolicy
    settle_first: SettleFirst
    tolerances: list[Money]
    approval_limits: list[Money]
    aging_bounds: list[int]
    rate_sources: list[str]
    rate_max_age_days: int
    version: int
    updated_at: datetime | None
