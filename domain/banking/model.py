"""What bank statements are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from domain.banking.rules.lines import Direction
from domain.kernel.money import Money
from domain.kernel.pii import Mask

StatementFormat = Literal["mt940", "camt053", "csv"]
LineState = Literal["proposed", "ambiguous", "unmatched", "accepted", "ignored", "already_recorded"]
Confidence = Literal["exact", "likely", "possible"]
ReasonCode = Literal[
    "reference_in_remittance",
    "reference_is_external_id",
    "amount_equals_open_amount",
    "amount_equals_discounted_amount",
    "amount_equals_sum",
    "amount_equals_all_open",
    "amount_equals_all_overdue",
    "amount_differs",
    "payer_known",
    "name_matches",
]


def mask_account(number: str) -> str:
    """`DE89370400440532013000` becomes `***3000`; a short number shows nothing."""
    return "***" + (number[-4:] if len(number) >= 8 else "")


ACCOUNT: Mapping[str, Mask] = {"pii": mask_account}


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement:
    """A statement of one account, or the part of it that a file held. Balances are None where the file had none.

    `has_balance_mismatch` says that the opening balance and the lines do not come to the closing balance.
    """

    id: str
    operation_id: str
    format: StatementFormat
    account: str
    reference: str
    currency: str | None
    opening_balance: Money | None
    closing_balance: Money | None
    has_balance_mismatch: bool
    line_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a suggestion is made: a code and the value that it rests on."""

    code: ReasonCode
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedAllocation:
    """A part of the line's amount for one receivable."""

    receivable_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Whose payment a line may be and what it may settle; without allocations it settles by the ledger's policy."""

    customer_id: str
    confidence: Confidence
    allocations: list[SuggestedAllocation]
    reasons: list[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatementLine:
    """One movement on the account and what became of it. `number` counts the lines of its statement from 1.

    A line is proposed if exactly one suggestion is exact, ambiguous if several are equally good.
    """

    id: str
    statement_id: str
    number: int
    state: LineState
    direction: Direction
    amount: Money
    is_reversal: bool
    booked_on: date
    value_on: date | None
    remittance: str
    counterparty_name: str
    counterparty_account: str = field(metadata=ACCOUNT)
    end_to_end_id: str
    bank_reference: str
    suggestions: list[Suggestion]
    ignored_reason: str | None
    payment_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime
