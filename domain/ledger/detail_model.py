"""What a receivable says about itself besides money: its lines, the documents that show it, when its money is planned to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from domain.kernel.money import Money

DocumentKind = Literal["invoice", "contract", "delivery_note", "proof_of_delivery", "statement", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the invoice. `amount` is without tax and may be negative (a rebate); `tax_rate` 0.13 is 13 %.

    `position` counts from 1 in the order in which the lines were given.
    """

    position: int = 0
    product: str | None = None
    description: str
    quantity: Decimal
    unit: str | None = None
    unit_price: Money | None = None
    amount: Money
    tax_rate: Decimal | None = None
    tax_amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLink:
    """Where a document lies and what it contained when it was linked: its SHA-256, in lower-case hexadecimal digits."""

    id: str
    receivable_id: str
    kind: DocumentKind
    title: str
    url: str
    sha256: str
    media_type: str | None
    size_bytes: int | None
    linked_by: str
    created_at: datetime
    removed_at: datetime | None
    removed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An amount and the day on which it is planned to be collected."""

    planned_on: date
    amount: Money
    note: str | None = None
    missed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCollection:
    """A planned day as it stands: what is covered of it, and whether it passed uncovered, by the customer's calendar.

    `missed_at` is when that was announced; it stays, also when the money came later.
    """

    planned_on: date
    amount: Money
    note: str | None
    covered_amount: Money
    overdue: bool
    missed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionSchedule:
    """When a receivable's money is planned to come; `settled_amount` covers the earliest days first. `version` is the receivable's."""

    receivable_id: str
    planned_amount: Money
    settled_amount: Money
    rows: list[PlannedCollection]
    version: int
