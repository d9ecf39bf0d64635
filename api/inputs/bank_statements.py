"""What a client may say of bank statements."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from api.inputs.fields import Id, Name, given
from api.inputs.payments import AllocationIn, wishes
from domain.banking.model import StatementFormat


class NewBankStatement(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A file of bank statements, as text; CSV needs a mapping."""

    format: StatementFormat
    content: str
    mapping: dict[str, Any] = {}


class LineAcceptance(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Whose payment a line is and what it settles; without a customer, as it is proposed."""

    customer_id: Id | None = None
    allocations: Annotated[list[AllocationIn], msgspec.Meta(max_length=1000)] | None = None


class LineIgnored(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why a line is no payment of a customer."""

    reason: Name


def accepted(data: LineAcceptance) -> dict[str, Any]:
    """The arguments of the use case."""
    return {**given(data), "allocations": wishes(data.allocations)}
