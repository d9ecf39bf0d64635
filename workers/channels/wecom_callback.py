"""What WeCom calls back about external contacts; PURE, the caller has the request.

A customer who removes the employee, or whom the employee removes, cannot be written to through WeCom any more.
Source: developer.work.weixin.qq.com/document/path/92130 (events), 90930 (callbacks).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.messaging.receipt_model import Receipt, ReceiptKind
from workers.channels.signing import wecom
from workers.channels.signing.wecom import CallbackRefusedError
from workers.channels.wecom_customers import WecomCustomersCredentials, WecomCustomersSettings

_MAX_BODY = 64 * 1024
# The customer removed the employee; the employee removed the customer. Adding and editing change nothing for us.
_UNUSABLE: dict[str, ReceiptKind] = {"del_follow_user": "opted_out", "del_external_contact": "failed"}


def echo(settings: WecomCustomersSettings, credentials: WecomCustomersCredentials, query: Mapping[str, str]) -> bytes:
    """The answer to WeCom's check of the address (GET); raises CallbackRefusedError."""
    return _opened(settings, credentials, query, query.get("echostr", ""))


def receipts_in(
    settings: WecomCustomersSettings, credentials: WecomCustomersCredentials, query: Mapping[str, str], body: bytes
) -> list[Receipt]:
    """What a callback (POST) tells about addresses; raises CallbackRefusedError. WeCom expects an empty answer of 200."""
    encrypted = _text(_xml(body), "Encrypt")
    event = _xml(_opened(settings, credentials, query, encrypted))
    kind, address = _UNUSABLE.get(_text(event, "ChangeType")), _text(event, "ExternalUserID")
    is_ours = _text(event, "Event") == "change_external_contact" and _text(event, "UserID") == settings.sender
    if kind is None or not is_ours or not address:
        return []
    return [
        Receipt(
            kind=kind,
            occurred_at=_instant(_text(event, "CreateTime")),
            code=f"wecom_{_text(event, 'ChangeType')}",
            detail="The customer cannot be written to through WeCom any more.",
            notice_id=None,
            provider_message_id=None,
            address=address,
        )
    ]


def _opened(
    settings: WecomCustomersSettings,
    credentials: WecomCustomersCredentials,
    query: Mapping[str, str],
    encrypted: str,
) -> bytes:
    token, key = credentials.callback_token, credentials.callback_aes_key
    if token is None or key is None:
        raise CallbackRefusedError("no callback is set up")
    given, timestamp, nonce = (query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    if not wecom.is_signed(given, token, timestamp, nonce, encrypted):
        raise CallbackRefusedError("wrong signature")
    try:
        return wecom.decrypted(wecom.aes_key(key), encrypted, settings.corp_id)
    except ValueError as malformed:
        raise CallbackRefusedError("the account's key is malformed") from malformed


def _xml(text: bytes) -> Element:
    if len(text) > _MAX_BODY:
        raise CallbackRefusedError("too long")
    try:
        parsed: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as malformed:
        raise CallbackRefusedError("no XML") from malformed
    return parsed


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _instant(seconds: str) -> datetime:
    """`CreateTime`, in seconds since 1970; raises CallbackRefusedError."""
    if not seconds.isascii() or not seconds.isdecimal() or len(seconds) > 10:
        raise CallbackRefusedError("no time")
    return datetime.fromtimestamp(int(seconds), UTC)
