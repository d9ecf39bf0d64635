"""PURE: what the callbacks of SMS providers have in common."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from domain.kernel.shapes import NOT_JSON
from domain.messaging.provider_model import CallbackMalformed
from domain.messaging.receipt_model import Receipt, ReceiptKind
from domain.messaging.rules.sms import asks_to_stop

CHINA = timezone(timedelta(hours=8))
MOST_RECEIPTS = 1000
_SHOWN = 500


def objects_of(body: bytes) -> list[dict[str, Any]]:
    """The objects of a JSON array, or the one that stands alone; raises CallbackMalformed."""
    try:
        decoded = msgspec.json.decode(body)
    except NOT_JSON as wrong:
        raise CallbackMalformed("no JSON") from wrong
    items = decoded if isinstance(decoded, list) else [decoded]
    if len(items) > MOST_RECEIPTS or not all(isinstance(item, dict) for item in items):
        raise CallbackMalformed("no array of objects")
    return items


def text_of(item: dict[str, Any], name: str) -> str | None:
    """A field as text of bounded length; None where it is missing or empty."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).replace("\x00", "")[:_SHOWN] or None


def china_time(item: dict[str, Any], name: str, otherwise: datetime) -> datetime:
    """`2026-01-05 09:00:00` in China's time."""
    try:
        return datetime.strptime(str(item.get(name)), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return otherwise


def reply(text: str, *, address: str | None, at: datetime) -> Receipt:
    """What somebody answered by SMS: a wish to get no more, or words."""
    kind: ReceiptKind = "opted_out" if asks_to_stop(text) else "replied"
    return Receipt(
        kind=kind,
        occurred_at=at,
        code="reply",
        detail=text,
        notice_id=None,
        provider_message_id=None,
        address=address,
    )
