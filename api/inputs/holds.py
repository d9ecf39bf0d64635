"""What a client may say of holds."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Id, Name
from domain.collections.hold_model import HoldReason, HoldState


class NewHold(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A hold on a receivable or on a customer; `until_on` is its last day, without one it has no end."""

    receivable_id: Id | None = None
    customer_id: Id | None = None
    reason: HoldReason
    note: Name | None = None
    until_on: date | None = None


class HoldPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed of an active hold; a field left out stays as it is."""

    until_on: date | UnsetType | None = UNSET
    note: Name | UnsetType | None = UNSET


class HoldQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a list of holds is narrowed."""

    reason: HoldReason | None = None
    state: HoldState | None = None
