"""What a client may say of write-offs, cancellations and the ledger's policy."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.exchange_rates import Source
from api.inputs.fields import MoneyIn, Name, given
from domain.ledger.model import AllocationPolicy, WriteOffReason, WriteOffState
from domain.ledger.rules.components import SettleFirst
from domain.ledger.rules.exchange import LONGEST_AGE_DAYS, MAX_AGE_DAYS, MOST_SOURCES
from domain.ledger.rules.policy import AGING_BOUNDS, LONGEST_BOUND, MOST_BOUNDS

Amounts = Annotated[list[MoneyIn], msgspec.Meta(max_length=50)]
Days = Annotated[int, msgspec.Meta(ge=1, le=LONGEST_BOUND)]
RateSources = Annotated[list[Source], msgspec.Meta(max_length=MOST_SOURCES)]
RateAge = Annotated[int, msgspec.Meta(ge=0, le=LONGEST_AGE_DAYS)]
AgingBounds = Annotated[list[Days], msgspec.Meta(min_length=1, max_length=MOST_BOUNDS)]


class NewWriteOff(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is given up; without an amount, all that is open."""

    amount: MoneyIn | None = None
    reason: WriteOffReason
    note: Name | None = None
    effective_on: date | None = None


class WriteOffReversalRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How much of it is open again; without an amount, all of it."""

    amount: MoneyIn | None = None


class CancellationRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why it was never owed."""

    reason: Name


class WriteOffQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a list of write-offs is narrowed."""

    state: WriteOffState | None = None


class LedgerPolicyFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How the ledger decides where nobody says."""

    allocation_policy: AllocationPolicy = "oldest_due_first"
    settle_first: SettleFirst = "charges"
    tolerances: Amounts = []
    approval_limits: Amounts = []
    aging_bounds: AgingBounds = msgspec.field(default_factory=lambda: list(AGING_BOUNDS))
    rate_sources: RateSources = []
    rate_max_age_days: RateAge = MAX_AGE_DAYS


class LedgerPolicyPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What of the policy is to be changed; a field left out stays as it is."""

    allocation_policy: AllocationPolicy | UnsetType = UNSET
    settle_first: SettleFirst | UnsetType = UNSET
    tolerances: Amounts | UnsetType = UNSET
    approval_limits: Amounts | UnsetType = UNSET
    aging_bounds: AgingBounds | UnsetType = UNSET
    rate_sources: RateSources | UnsetType = UNSET
    rate_max_age_days: RateAge | UnsetType = UNSET


def with_amount(data: NewWriteOff | WriteOffReversalRequest) -> dict[str, Any]:
    """The arguments of a use case that takes an amount or all there is."""
    return {**given(data), "amount": None if data.amount is None else data.amount.money("/amount")}


def policy_of(data: LedgerPolicyFields | LedgerPolicyPatch) -> dict[str, Any]:
    """The arguments of the use case, or what it is to change."""
    told = given(data)
    for name in ("tolerances", "approval_limits"):
        if name in told:
            told[name] = [money.money(f"/{name}/{n}") for n, money in enumerate(told[name])]
    return told
