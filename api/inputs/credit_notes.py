"""What a client may say of credit notes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec

from api.inputs.fields import ExternalId, Id, MoneyIn, Name, given
from api.inputs.payments import AllocationIn, wishes
from domain.ledger.model import AllocationPolicy, CreditReason


class NewCreditNote(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Less is owed; without `allocations` it lowers the customer's receivables by `policy`, else the ledger's."""

    customer_id: Id | None = None
    customer_external_id: ExternalId | None = None
    number: Name
    amount: MoneyIn
    issued_on: date
    reason: CreditReason
    external_id: ExternalId | None = None
    note: Name | None = None
    allocations: Annotated[list[AllocationIn], msgspec.Meta(max_length=1000)] | None = None
    policy: AllocationPolicy | None = None


def issued(data: NewCreditNote) -> dict[str, Any]:
    """The arguments of the use case."""
    return {**given(data), "amount": data.amount.money("/amount"), "allocations": wishes(data.allocations)}
