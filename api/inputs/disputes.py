"""What a client may say of disputes."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import MoneyIn, Name, given
from domain.ledger.dispute_model import DisputeOutcome, DisputeReason, DisputeState


class NewDispute(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the customer contests; without an amount, all that is open and not disputed yet."""

    amount: MoneyIn | None = None
    reason: DisputeReason
    note: Name | None = None
    raised_by: Name | None = None
    assignee: Name | None = None


class DisputePatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed of an unresolved dispute; a field left out stays as it is."""

    assignee: Name | UnsetType | None = UNSET
    note: Name | UnsetType | None = UNSET
    state: Literal["open", "investigating"] | UnsetType = UNSET


class DisputeResolution(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a dispute ends; `accepted_amount` goes with partially_accepted, `issue_credit` credits what was accepted."""

    outcome: DisputeOutcome
    accepted_amount: MoneyIn | None = None
    note: Name | None = None
    issue_credit: bool = False
    credit_note_number: Name | None = None


class DisputeQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a list of disputes is narrowed."""

    state: DisputeState | None = None


def opened(data: NewDispute) -> dict[str, Any]:
    """The arguments of the use case."""
    return {**given(data), "amount": None if data.amount is None else data.amount.money("/amount")}


def resolved(data: DisputeResolution) -> dict[str, Any]:
    """The arguments of the use case."""
    accepted = data.accepted_amount
    return {**given(data), "accepted_amount": None if accepted is None else accepted.money("/accepted_amount")}
