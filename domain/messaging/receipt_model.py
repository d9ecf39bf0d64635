"""What a provider tells of a notice after it has taken it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReceiptKind = Literal["delivered", "read", "clicked", "replied", "bounced", "failed", "complained", "opted_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One receipt; it names its notice by our id, by the provider's, or by the address it is about."""

    kind: ReceiptKind
    occurred_at: datetime
    code: str
    detail: str
    notice_id: str | None
    provider_message_id: str | None
    address: str | None
