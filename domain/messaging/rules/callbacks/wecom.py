"""PURE: what WeCom calls back about external contacts.

A customer who removes the employee, or whom the employee removes, cannot be written to through WeCom any more.
Source: developer.work.weixin.qq.com/document/path/92130 (events), 90930 (callbacks).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.messaging.provider_model import Callback, CallbackForged, CallbackMalformed, CallbackRequest
from domain.messaging.receipt_model import Receipt, ReceiptKind
from domain.messaging.rules.callbacks import wecom_cipher

_MAX_BODY = 64 * 1024
# The customer removed the employee; the employee removed the customer. Adding and editing change nothing for us.
_UNUSABLE: dict[str, ReceiptKind] = {"del_follow_user": "opted_out", "del_external_contact": "failed"}


def parse(request: CallbackRequest, settings: dict[str, Any], credentials: dict[str, Any]) -> Callback:
    """The echo that proves the address (GET), or what happened to a contact of the account's sender (POST).

    Raises CallbackForged and CallbackMalformed. WeCom expects an empty answer.
    """
    if request.method == "GET":
        plain = _opened(request.query, request.query.get("echostr", ""), settings, credentials)
        return Callback(body=plain, media_type="text/plain")
    encrypted = _text(_xml(request.body), "Encrypt")
    event = _xml(_opened(request.query, encrypted, settings, credentials))
    return Callback(receipts=_receipts(event, settings["sender"]), media_type="text/plain")


def _receipts(event: Element, sender: str) -> tuple[Receipt, ...]:
    change, address = _text(event, "ChangeType"), _text(event, "ExternalUserID")
    kind = _UNUSABLE.get(change)
    is_ours = _text(event, "Event") == "change_external_contact" and _text(event, "UserID") == sender
    if kind is None or not is_ours or not address:
        return ()
    receipt = Receipt(
        kind=kind,
        occurred_at=_instant(_text(event, "CreateTime")),
        code=f"wecom_{change}",
        detail="The customer cannot be written to through WeCom any more.",
        notice_id=None,
        provider_message_id=None,
        address=address,
    )
    return (receipt,)


def _opened(query: Mapping[str, str], encrypted: str, settings: dict[str, Any], credentials: dict[str, Any]) -> bytes:
    token, key = credentials.get("callback_token"), credentials.get("callback_aes_key")
    if not token or not key:
        raise CallbackForged("The account has no token and key for callbacks.")
    given, timestamp, nonce = (query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    if not wecom_cipher.is_signed(given, token, timestamp, nonce, encrypted):
        raise CallbackForged("The signature is not that of the account's token.")
    try:
        return wecom_cipher.decrypted(wecom_cipher.aes_key(key), encrypted, settings["corp_id"])
    except ValueError as wrong:
        raise CallbackForged(f"It cannot be decrypted: {wrong}.") from wrong


def _xml(text: bytes) -> Element:
    if len(text) > _MAX_BODY:
        raise CallbackMalformed("It is too long.")
    try:
        parsed: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as malformed:
        raise CallbackMalformed("It is no XML.") from malformed
    return parsed


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _instant(seconds: str) -> datetime:
    """`CreateTime`, in seconds since 1970."""
    if not seconds.isascii() or not seconds.isdecimal() or len(seconds) > 10:
        raise CallbackMalformed("It has no time.")
    return datetime.fromtimestamp(int(seconds), UTC)
