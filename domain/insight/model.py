"""What is told of what is owed as of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.customers.model import Grade
from domain.kernel.money import Money
from domain.ledger.model import OpenParts

AgingGroup = Literal["customer", "owner", "grade", "contract", "currency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingBucket:
    """What is `days_from` to `days_to` days overdue, both included; without `days_to` there is no end."""

    days_from: int
    days_to: int | None
    amount: Money
    receivable_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """What one group owes in one currency at the end of `as_of`, by days overdue; amounts in two currencies are never added.

    `current_amount` is what is not overdue: a receivable that is due on `as_of` is current. It and the buckets sum to
    `open_amount`. `unapplied_amount` is money and credit that settles nothing yet; it is not subtracted from anything, nor is
    `disputed_amount`, what of the open amount customers contested on that day.
    Of `customer_id`, `owner_id`, `grade` and `contract_reference` the one is set that the list is grouped by; customers without an
    owner form one group, and so do those without a grade. Grouped by contract, all unapplied amounts are in the group without one:
    money and credit belong to a customer, not to a contract.
    """

    as_of: date
    customer_id: str | None
    owner_id: str | None
    grade: Grade | None
    contract_reference: str | None
    currency: str
    current_amount: Money
    buckets: list[AgingBucket]
    open_amount: Money
    unapplied_amount: Money
    disputed_amount: Money
    receivable_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingReceivable:
    """One receivable as it stood at the end of `as_of`; due date and number are those of now."""

    receivable_id: str
    customer_id: str
    number: str
    as_of: date
    due_on: date
    due_on_is_provisional: bool
    days_overdue: int
    open_amount: Money
    disputed_amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableBalance:
    """What was open of a receivable at the end of `as_of`, by what it was."""

    receivable_id: str
    as_of: date
    open_amount: Money
    open_parts: OpenParts


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingFilter:
    """Which receivables of an aging to list; None does not filter. Days overdue are inclusive; current ones are 0 days overdue."""

    customer_id: str | None = None
    owner_id: str | None = None
    grade: Grade | None = None
    contract_reference: str | None = None
    currency: str | None = None
    days_from: int | None = None
    days_to: int | None = None
