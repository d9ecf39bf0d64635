"""PURE: Aliyun's SmsReport and SmsUp (help.aliyun.com, "HTTP batch push"). They are not signed: the secret in the path is all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.messaging.provider_model import Callback, CallbackRequest
from domain.messaging.receipt_model import Receipt
from domain.messaging.rules.callbacks.reading import china_time, objects_of, reply, text_of

ANSWER = '{"code":0,"msg":"接收成功"}'.encode()


def parse(request: CallbackRequest, settings: dict[str, Any], credentials: dict[str, Any]) -> Callback:
    """Receipts and replies; anything but this answer is posted again after 1, 5 and 10 minutes."""
    items = objects_of(request.body)
    return Callback(receipts=tuple(_receipt(item, request.received_at) for item in items), body=ANSWER)


def _receipt(item: dict[str, Any], now: datetime) -> Receipt:
    if "content" in item:
        at = china_time(item, "send_time", now)
        return reply(text_of(item, "content") or "", address=text_of(item, "phone_number"), at=at)
    code = text_of(item, "err_code") or "unknown"
    return Receipt(
        kind="delivered" if item.get("success") in (True, "true") else "failed",
        occurred_at=china_time(item, "report_time", now),
        code=f"aliyun_{code}"[:100],
        detail=text_of(item, "err_msg") or "",
        notice_id=text_of(item, "out_id"),
        provider_message_id=text_of(item, "biz_id"),
        address=text_of(item, "phone_number"),
    )
