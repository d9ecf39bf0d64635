"""What a provider, a mailbox or an integrator says of a notice after it has left, and how that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReceiptKind = Literal["delivered", "read", "clicked", "replied", "bounced", "failed", "complained", "opted_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One thing that is told of one notice, found by `notice_id` or by the provider's own id of the message.

    bounced: the address takes no messages. failed: this message did not arrive, which says nothing of the address.
    `occurred_at` is the sender's word for when it happened. `detail` is what was said, or the text of a reply.
    """

    kind: ReceiptKind
    occurred_at: datetime
    code: str = ""
    detail: str = ""
    notice_id: str | None = None
    provider_message_id: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceipt:
    """A receipt as it is kept; `detail` holds no addresses and at most 2,000 characters."""

    id: str
    notice_id: str
    kind: ReceiptKind
    code: str
    detail: str
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredReceipts:
    """How many receipts of one kind belonged to no notice, by reason, and when the last one came."""

    id: str
    channel_account_id: str | None
    kind: str
    reason: str
    count: int
    last_received_at: datetime
