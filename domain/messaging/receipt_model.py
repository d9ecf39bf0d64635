"""What a provider tells afterwards about a message or an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReceiptKind = Literal["delivered", "read", "clicked", "replied", "bounced", "failed", "complained", "opted_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One report; `notice_id`, `provider_message_id` or `address` says of what. `occurred_at` is the provider's instant."""

    kind: ReceiptKind
    occurred_at: datetime
    code: str
    detail: str
    notice_id: str | None
    provider_message_id: str | None
    address: str | None
