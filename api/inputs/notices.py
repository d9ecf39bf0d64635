"""What a client may ask of notices, and tell of them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.inputs.fields import Instant
from domain.messaging.intent_model import AckOutcome
from domain.messaging.model import NoticeState
from domain.messaging.receipt_model import Receipt, ReceiptKind

Code = Annotated[str, msgspec.Meta(max_length=100)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NoticeQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of a list of notices that have a closed set of values."""

    state: NoticeState | None = None


class ReceiptIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One thing that became of a notice; `code` is the provider's, `detail` what it said or the text of a reply."""

    kind: ReceiptKind
    occurred_at: Instant
    code: Code = ""
    detail: Annotated[str, msgspec.Meta(max_length=10000)] = ""


class ReceiptsIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What became of a notice."""

    receipts: Annotated[list[ReceiptIn], msgspec.Meta(min_length=1, max_length=200)]


class NoticeClaim(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which notices an integrator takes, how many and for how long."""

    channel: Annotated[str, msgspec.Meta(max_length=30)] | None = None
    limit: int = 20
    lease_seconds: int = 300


class LeaseIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The lease under which a notice is held."""

    lease_token: Token


class Acknowledgement(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What came of a notice in hand; receipts of its provider may name `provider_message_id` later."""

    lease_token: Token
    outcome: AckOutcome
    provider_message_id: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None
    code: Code = ""


def told(data: ReceiptsIn) -> list[Receipt]:
    """The receipts themselves."""
    return [
        Receipt(kind=one.kind, occurred_at=one.occurred_at, code=one.code, detail=one.detail) for one in data.receipts
    ]
