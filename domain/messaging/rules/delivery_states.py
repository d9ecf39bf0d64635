"""PURE: what receipts make of a notice. Their order does not matter and neither does hearing one twice.

The states after sending have ranks, and a notice only rises: a "delivered" that comes after "read" is kept and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.kernel.pii import mask_text
from domain.messaging.model import Notice, NoticeState
from domain.messaging.receipt_model import NoticeReceipt, Receipt

LONGEST_DETAIL = 2000
_LONGEST_CODE = 100
# Bad news ranks above "delivered", because servers accept first and return later; what a person did proves that it arrived.
_RANKS: dict[NoticeState, int] = {
    "proposed": 0,
    "queued": 0,
    "sending": 0,
    "sent": 0,
    "awaiting_confirmation": 0,
    "unknown": 0,
    "delivered": 1,
    "failed": 2,
    "bounced": 3,
    "read": 4,
    "clicked": 5,
    "replied": 6,
}
_TRANSIENT = re.compile(r"4\.\d{1,3}\.\d{1,3}")
_FINAL: frozenset[NoticeState] = frozenset({"failed", "bounced"})


@dataclass(frozen=True, slots=True)
class Step:
    """What one receipt made of a notice; `is_news` where somebody should hear of it."""

    notice: Notice
    receipt: NoticeReceipt
    previous_state: NoticeState
    is_news: bool


def is_address_fault(receipt: Receipt | NoticeReceipt) -> bool:
    """Whether it says that the address takes no messages: a bounce, unless its code (RFC 3463) is one of a passing failure."""
    return receipt.kind == "bounced" and _TRANSIENT.fullmatch(receipt.code) is None


def state_told(receipt: Receipt | NoticeReceipt) -> NoticeState | None:
    """The state that a receipt speaks of; None for what says nothing about the delivery."""
    match receipt.kind:
        case "delivered" | "read" | "clicked" | "replied" | "failed":
            return receipt.kind
        case "bounced":
            return "bounced" if is_address_fault(receipt) else "failed"
        case "complained" | "opted_out":
            return None


def state_after(state: NoticeState, told: NoticeState | None) -> NoticeState:
    """The state once `told` is known; a cancelled notice stays so."""
    if told is None or state == "cancelled":
        return state
    return told if _RANKS[told] > _RANKS[state] else state


def has_left(notice: Notice) -> bool:
    """Whether receipts can speak of it: it was sent, or was handed to an integrator who may have sent it."""
    if notice.state == "queued":
        return notice.claimed_until is not None
    return notice.state not in ("proposed", "sending", "cancelled")


def steps_through(notice: Notice, receipts: Iterable[NoticeReceipt]) -> list[Step]:
    """The notice after each of the receipts, in the order in which they happened."""
    steps: list[Step] = []
    for receipt in sorted(receipts, key=lambda receipt: (receipt.occurred_at, receipt.id)):
        after = _after(notice, receipt)
        is_news = after.state != notice.state or (receipt.kind == "replied" and has_left(notice))
        steps.append(Step(after, receipt, notice.state, is_news))
        notice = after
    return steps


def kept(receipt: Receipt, notice: Notice, receipt_id: str, now: datetime) -> NoticeReceipt:
    """The receipt as it is stored: printable, of bounded length, without addresses."""
    text = receipt.detail.encode("utf-8", "replace").decode().replace("\x00", "")
    return NoticeReceipt(
        id=receipt_id,
        notice_id=notice.id,
        kind=receipt.kind,
        code=_printable(receipt.code)[:_LONGEST_CODE],
        detail=_without_addresses(text, notice, receipt.address)[:LONGEST_DETAIL],
        occurred_at=receipt.occurred_at,
        received_at=now,
    )


def _after(notice: Notice, receipt: NoticeReceipt) -> Notice:
    if not has_left(notice):
        return notice
    told = state_told(receipt)
    state = state_after(notice.state, told)
    changed = replace(
        notice,
        state=state,
        delivered_at=_earlier(notice.delivered_at, receipt, receipt.kind == "delivered"),
        read_at=_earlier(notice.read_at, receipt, receipt.kind in ("read", "clicked")),
        replied_at=_earlier(notice.replied_at, receipt, receipt.kind == "replied"),
        bounced_at=_earlier(notice.bounced_at, receipt, told == "bounced"),
    )
    if state != notice.state:
        reason = (receipt.code or receipt.kind) if state in _FINAL else None
        changed = replace(changed, reason=reason, next_attempt_at=None, offered_at=None, claimed_until=None)
    return changed if changed == notice else replace(changed, version=notice.version + 1)


def _earlier(known: datetime | None, receipt: NoticeReceipt, applies: bool) -> datetime | None:
    if not applies:
        return known
    return receipt.occurred_at if known is None else min(known, receipt.occurred_at)


def _without_addresses(text: str, notice: Notice, address: str | None) -> str:
    for known in (notice.recipient, address):
        if known:
            text = re.sub(re.escape(known), "***", text, flags=re.IGNORECASE)
    return mask_text(text)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
