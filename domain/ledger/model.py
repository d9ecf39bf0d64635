"""Receivables and the entries that move them, payments and their allocations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from domain.kernel.money import Money
from domain.ledger.rules.components import Component, Parts, SettleFirst
from domain.ledger.rules.payment_terms import PaymentTerms

ReceivableStatus = Literal["open", "partly_paid", "paid", "written_off", "cancelled"]
EntryKind = Literal[
    "invoiced",
    "correction",
    "charge",
    "charge_waiver",
    "allocation",
    "allocation_reversal",
    "discount",
    "discount_reversal",
    "credit",
    "credit_reversal",
    "write_off",
    "write_off_reversal",
    "cancellation",
]
AllocationPolicy = Literal["oldest_due_first", "largest_first", "pro_rata"]
PaymentState = Literal["recorded", "reversed"]
CreditReason = Literal["goods_returned", "price_adjustment", "billing_error", "dispute", "rebate", "other"]
CreditNoteState = Literal["issued", "cancelled"]
WriteOffReason = Literal["uncollectible", "insolvency", "settlement", "small_difference", "other"]
WriteOffState = Literal["pending_approval", "effective", "rejected", "reversed"]
ReversalReason = Literal["bounced", "charged_back", "recorded_by_mistake"]
ImportKind = Literal["receivables", "customers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenParts:
    """What is open, by what it is; the parts sum to the open amount."""

    principal: Money
    interest: Money
    fee: Money
    cost: Money

    @classmethod
    def of(cls, parts: Parts, currency: str) -> OpenParts:
        """Bare amounts with their currency."""
        zero = Money.zero(currency)
        return cls(
            principal=Money(parts.principal, currency) if parts.principal else zero,
            interest=Money(parts.interest, currency) if parts.interest else zero,
            fee=Money(parts.fee, currency) if parts.fee else zero,
            cost=Money(parts.cost, currency) if parts.cost else zero,
        )

    @property
    def bare(self) -> Parts:
        """The amounts without their currency."""
        return Parts(*(getattr(self, name).amount for name in ("principal", "interest", "fee", "cost")))


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyPaymentDiscount:
    """What paying up to and including `until` saves: `rate` (0.02 is 2 %) of the invoiced amount, and what of it was taken."""

    rate: Decimal
    amount: Money
    until: date
    taken_amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivable:
    """An amount a customer owes. `overdue` and `days_overdue` are as of the moment of reading, in the customer's calendar day.

    `amount` is what was invoiced, `charged_amount` what late interest, fees and costs added to it and was not waived.
    `status` says how it came that nothing is open: paid, written_off (some of it was given up), or cancelled (never owed).
    """

    id: str
    external_id: str | None
    customer_id: str
    number: str
    order_reference: str | None
    contract_reference: str | None
    salesperson: str | None
    amount: Money
    charged_amount: Money
    open_amount: Money
    open_parts: OpenParts
    written_off_amount: Money
    issued_on: date
    due_on: date
    payment_terms: PaymentTerms | None
    discount: EarlyPaymentDiscount | None
    status: ReceivableStatus
    overdue: bool
    days_overdue: int
    cancelled_on: date | None
    cancellation_reason: str | None
    metadata: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A receivable together with what is not published of it: the customer's time zone, and when it is to be announced overdue."""

    receivable: Receivable
    time_zone: str
    overdue_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One dated, immutable movement on a receivable; the open amount is the sum of its entries."""

    id: str
    receivable_id: str
    kind: EntryKind
    component: Component
    amount: Money
    effective_on: date
    allocation_id: str | None
    write_off_id: str | None
    charge_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The part of a payment or of a credit note that settles one receivable."""

    id: str
    receivable_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money received; what settles no receivable and was not given back is its `unapplied_amount`.

    `allocations` are those that hold; an undone one is gone from here, but not from the receivable's entries.
    """

    id: str
    external_id: str | None
    customer_id: str
    amount: Money
    unapplied_amount: Money
    received_on: date
    reference: str | None
    method: str | None
    allocations: list[Allocation]
    state: PaymentState
    refunded_amount: Money
    reversed_on: date | None
    reversal_reason: ReversalReason | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A part of a payment's unapplied amount that was given back to the customer."""

    id: str
    payment_id: str
    external_id: str | None
    amount: Money
    refunded_on: date
    reference: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """Less is owed: a document that settles receivables without money; what settles none stays as `unapplied_amount`."""

    id: str
    external_id: str | None
    customer_id: str
    number: str
    amount: Money
    unapplied_amount: Money
    issued_on: date
    reason: CreditReason
    note: str | None
    allocations: list[Allocation]
    state: CreditNoteState
    cancelled_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime


Settlement = Payment | CreditNote
"""What settles receivables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationWish:
    """A receivable that the payer names, by our id or by the integrator's; without an amount, as much as is open."""

    receivable_id: str | None = None
    receivable_external_id: str | None = None
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """What the ledger needs of a customer."""

    id: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableFilter:
    """Which receivables to list; None does not filter."""

    customer_id: str | None = None
    status: ReceivableStatus | None = None
    overdue: bool | None = None
    due_from: date | None = None
    due_to: date | None = None
    order_reference: str | None = None
    contract_reference: str | None = None


@dataclass(frozen=True, slots=True)
class NamedItem:
    """A receivable a payer named, as found: all that never changes of it."""

    id: str
    external_id: str | None
    customer_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What allocating needs of an open receivable."""

    receivable_id: str
    open_amount: Decimal
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """A part of a receivable that is given up, or asked to be: above the tenant's limit a second person decides."""

    id: str
    receivable_id: str
    customer_id: str
    amount: Money
    reversed_amount: Money
    reason: WriteOffReason
    note: str | None
    state: WriteOffState
    effective_on: date
    requested_by: str
    decided_by: str | None
    version: int
    created_at: datetime
    updated_at: datetime


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
