"""PURE: Twilio's status callbacks and incoming messages, signed with the account's auth token (twilio.com/docs/usage/security)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from domain.messaging.provider_model import Callback, CallbackForged, CallbackMalformed, CallbackRequest
from domain.messaging.receipt_model import Receipt, ReceiptKind
from domain.messaging.rules.callbacks.reading import reply

ANSWER = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
_KINDS: dict[str, ReceiptKind] = {
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
# Unknown or landline numbers: the address itself takes no messages.
_NO_SUCH_NUMBER = frozenset({"30005", "30006"})
Form = Mapping[str, Sequence[str]]


def parse(request: CallbackRequest, settings: dict[str, Any], credentials: dict[str, Any]) -> Callback:
    """Raises CallbackForged unless the form is signed for the address that Twilio was told."""
    form = _form_of(request)
    expected = signature(credentials["auth_token"], request.url, form)
    if not hmac.compare_digest(expected.encode(), request.headers.get("x-twilio-signature", "").encode()):
        raise CallbackForged
    receipt = _receipt(form, request.received_at)
    return Callback(receipts=() if receipt is None else (receipt,), body=ANSWER, media_type="text/xml")


def signature(auth_token: str, url: str, form: Form) -> str:
    """HMAC-SHA1 in base64 of the URL and, by name, each field with its values."""
    text = url + "".join(f"{name}{value}" for name in sorted(form) for value in sorted(set(form[name])))
    return base64.b64encode(hmac.digest(auth_token.encode(), text.encode(), "sha1")).decode()


def _form_of(request: CallbackRequest) -> Form:
    try:
        return parse_qs(
            request.body.decode(), keep_blank_values=True, max_num_fields=100, strict_parsing=bool(request.body)
        )
    except ValueError as wrong:
        raise CallbackMalformed("no form") from wrong


def _receipt(form: Form, now: datetime) -> Receipt | None:
    """None for what says no more than the request to send did."""
    status = _one(form, "MessageStatus")
    if status is None:
        return _incoming(form, now)
    kind = _KINDS.get(status)
    if kind is None:
        return None
    code = _one(form, "ErrorCode")
    return Receipt(
        kind="opted_out" if code == "21610" else "bounced" if code in _NO_SUCH_NUMBER else kind,
        occurred_at=now,
        code=f"twilio_{code or status}",
        detail=status,
        notice_id=None,
        provider_message_id=_one(form, "MessageSid"),
        address=_one(form, "To"),
    )


def _incoming(form: Form, now: datetime) -> Receipt | None:
    body, sender = _one(form, "Body"), _one(form, "From")
    if body is None or sender is None:
        return None
    return reply("STOP" if _one(form, "OptOutType") == "STOP" else body, address=sender, at=now)


def _one(form: Form, name: str) -> str | None:
    values = form.get(name)
    return values[0].replace("\x00", "")[:500] if values else None
