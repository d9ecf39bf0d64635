"""Disputes: the customer contests an amount of a receivable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from domain.kernel.money import Money

DisputeReason = Literal[
    "goods_damaged", "goods_missing", "price", "quality", "not_delivered", "already_paid", "duplicate", "other"
]
DisputeState = Literal["open", "investigating", "accepted", "partially_accepted", "rejected", "withdrawn"]
DisputeOutcome = Literal["accepted", "partially_accepted", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """The customer contests `amount` of a receivable; only that amount leaves dunning, until `resolved_on`.

    `accepted_amount` is what the customer was right about; `credit_note_id` names the document by which it is not owed any more.
    """

    id: str
    receivable_id: str
    customer_id: str
    amount: Money
    accepted_amount: Money
    reason: DisputeReason
    note: str | None
    raised_by: str | None
    assignee: str | None
    state: DisputeState
    resolution_note: str | None
    credit_note_id: str | None
    opened_on: date
    resolved_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime
