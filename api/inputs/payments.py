"""What a client may say of payments."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec

from api.inputs.fields import Amount, ExternalId, Id, MoneyIn, Name, given
from domain.ledger.model import AllocationWish


class AllocationIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A receivable that the payer names by one of its two ids; without an amount, as much as is open."""

    receivable_id: Id | None = None
    receivable_external_id: ExternalId | None = None
    amount: Amount | None = None


class NewPayment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Money received; without `allocations` it settles the customer's receivables, oldest due first."""

    customer_id: Id | None = None
    customer_external_id: ExternalId | None = None
    amount: MoneyIn
    received_on: date
    external_id: ExternalId | None = None
    reference: Name | None = None
    method: Name | None = None
    allocations: Annotated[list[AllocationIn], msgspec.Meta(max_length=1000)] | None = None


def received(data: NewPayment) -> dict[str, Any]:
    """The arguments of the use case."""
    wishes = None if data.allocations is None else [AllocationWish(**given(wish)) for wish in data.allocations]
    return {**given(data), "amount": data.amount.money("/amount"), "allocations": wishes}
