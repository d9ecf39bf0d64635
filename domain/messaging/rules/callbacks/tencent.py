"""PURE: Tencent Cloud's callbacks of status and of replies (document 382/43547). They are not signed: the secret in the path is all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.messaging.provider_model import Callback, CallbackRequest
from domain.messaging.receipt_model import Receipt
from domain.messaging.rules.callbacks.reading import china_time, objects_of, reply, text_of

ANSWER = b'{"result":0,"errmsg":"OK"}'


def parse(request: CallbackRequest, settings: dict[str, Any], credentials: dict[str, Any]) -> Callback:
    """Receipts come as an array, a reply as one object; both expect the same answer."""
    items = objects_of(request.body)
    return Callback(receipts=tuple(_receipt(item, request.received_at) for item in items), body=ANSWER)


def _receipt(item: dict[str, Any], now: datetime) -> Receipt:
    if "text" in item:
        return reply(text_of(item, "text") or "", address=_address(item), at=_instant(item, now))
    code = text_of(item, "errmsg") or "unknown"
    return Receipt(
        kind="delivered" if item.get("report_status") == "SUCCESS" else "failed",
        occurred_at=china_time(item, "user_receive_time", now),
        code=f"tencent_{code}"[:100],
        detail=text_of(item, "description") or "",
        notice_id=None,
        provider_message_id=text_of(item, "sid"),
        address=_address(item),
    )


def _address(item: dict[str, Any]) -> str | None:
    country, number = text_of(item, "nationcode"), text_of(item, "mobile")
    return f"+{country}{number}" if country and number else number


def _instant(item: dict[str, Any], now: datetime) -> datetime:
    """A reply's `time` is in seconds since 1970."""
    seconds = item.get("time")
    if isinstance(seconds, int) and 0 < seconds < 2**33:
        return datetime.fromtimestamp(seconds, UTC)
    return now
