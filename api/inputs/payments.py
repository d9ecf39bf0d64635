"""What a client may say of payments."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec

from api.inputs.fields import Amount, ExternalId, Id, MoneyIn, Name, given
from domain.ledger.model import AllocationPolicy, AllocationWish, ReversalReason


class AllocationIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A receivable that the payer names by one of its two ids; without an amount, as much as is open."""

    receivable_id: Id | None = None
    receivable_external_id: ExternalId | None = None
    amount: Amount | None = None


class NewPayment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Money received; without `allocations` it settles the customer's receivables by `policy`, else the ledger's."""

    customer_id: Id | None = None
    customer_external_id: ExternalId | None = None
    amount: MoneyIn
    received_on: date
    external_id: ExternalId | None = None
    reference: Name | None = None
    method: Name | None = None
    allocations: Annotated[list[AllocationIn], msgspec.Meta(max_length=1000)] | None = None
    policy: AllocationPolicy | None = None


class AllocationRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to settle with what is unapplied; without `allocations` by `policy`, else the ledger's."""

    allocations: Annotated[list[AllocationIn], msgspec.Meta(max_length=1000)] | None = None
    policy: AllocationPolicy | None = None


class PaymentReversalRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why and when a payment was taken back."""

    reason: ReversalReason
    reversed_on: date


class NewRefund(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Unapplied money given back to the customer."""

    amount: MoneyIn
    refunded_on: date
    external_id: ExternalId | None = None
    reference: Name | None = None


def received(data: NewPayment) -> dict[str, Any]:
    """The arguments of the use case that records."""
    return {**given(data), "amount": data.amount.money("/amount"), "allocations": wishes(data.allocations)}


def allocated(data: AllocationRequest) -> dict[str, Any]:
    """The arguments of the use case that allocates."""
    return {**given(data), "allocations": wishes(data.allocations)}


def refunded(data: NewRefund) -> dict[str, Any]:
    """The arguments of the use case that refunds."""
    return {**given(data), "amount": data.amount.money("/amount")}


def wishes(allocations: list[AllocationIn] | None) -> list[AllocationWish] | None:
    """The receivables that somebody names, None where nobody names any."""
    return None if allocations is None else [AllocationWish(**given(wish)) for wish in allocations]
