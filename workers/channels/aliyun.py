"""SMS through Aliyun (Dysmsapi 2017-05-25). SendSms is not idempotent: what may have been taken is never sent again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from domain.kernel.clock import SystemClock
from domain.kernel.phones import phone_digits
from domain.kernel.shapes import NOT_JSON
from domain.messaging.account_model import OpenAccount
from domain.messaging.channel_model import Outcome, OutgoingMessage
from workers.channels.approved_texts import approved_text
from workers.channels.each import each
from workers.channels.faults import Fault, fault_of, not_answered, not_understood, outcome_of, window_in
from workers.channels.signing.aliyun import canonical_query, signed_headers
from workers.http import GuardedHttp, HttpAnswer

VERSION = "2017-05-25"
# Exact codes first, then beginnings.
_FAULTS: dict[str, Fault] = {
    "isv.MOBILE_NUMBER_ILLEGAL": "permanent_address",
    "isv.BUSINESS_LIMIT_CONTROL": "rate_limited",
    "isv.AMOUNT_NOT_ENOUGH": "auth",
    "isv.OUT_OF_SERVICE": "auth",
    "isv.ACCOUNT_NOT_EXISTS": "auth",
    "isv.ACCOUNT_ABNORMAL": "auth",
    "isv.DAY_LIMIT_CONTROL": "rate_limited",
    "isv.MONTH_LIMIT_CONTROL": "rate_limited",
    "isp.RAM_PERMISSION_DENY": "auth",
    "ServiceUnavailable": "transient",
    "SignatureDoesNotMatch": "auth",
    "SignatureNonceUsed": "transient",
}
_BEGINNINGS: tuple[tuple[str, Fault], ...] = (
    ("Throttling", "rate_limited"),
    ("InvalidAccessKeyId", "auth"),
    ("InvalidTimeStamp", "auth"),
    ("IncompleteSignature", "auth"),
    ("Forbidden", "auth"),
    ("isv.PRODUCT_UN", "auth"),
    ("isv.", "permanent_content"),
    ("Missing", "permanent_content"),
    ("Invalid", "permanent_content"),
)
# Flow control says in words which window is full: 分钟 minute, 小时 hour, 天 day.
_WINDOWS = (("分钟", 60), ("小时", 3600), ("天", 86_400))


class AliyunSms:
    """One account."""

    def __init__(self, account: OpenAccount, http: GuardedHttp) -> None:
        self._settings, self._credentials, self._http = account.settings, account.credentials, http
        self._host = urlsplit(self._settings["endpoint"]).netloc

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """One request for each message."""
        return await each(messages, self._send_one)

    async def close(self) -> None:
        """Holds no connections of its own."""

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        text = approved_text(self._settings["templates"], message)
        if isinstance(text, Outcome):
            return text
        query = {
            "OutId": message.notice_id,
            "PhoneNumbers": phone_digits(message.recipient),
            "SignName": self._settings["sign_name"],
            "TemplateCode": text.code,
            "TemplateParam": msgspec.json.encode(text.values).decode(),
        }
        headers = signed_headers(
            host=self._host,
            action="SendSms",
            version=VERSION,
            query=query,
            body=b"",
            access_key_id=self._credentials["access_key_id"],
            access_key_secret=self._credentials["access_key_secret"],
            at=SystemClock().now(),
            nonce=secrets.token_hex(16),
        )
        url = f"{self._settings['endpoint'].rstrip('/')}/?{canonical_query(query)}"
        return outcome_from(await self._http.exchange("POST", url, headers=headers))


def outcome_from(answer: HttpAnswer) -> Outcome:
    """What Aliyun's answer says of the message."""
    if answer.status is None:
        return not_answered(answer, "Aliyun")
    said = _decoded(answer.body)
    if said is None:
        return not_understood(answer, "Aliyun")
    code, told = said
    if code == "OK":
        return Outcome("accepted", "aliyun_OK", told.get("Message", ""), provider_message_id=told.get("BizId"))
    detail = str(told.get("Message", ""))
    fault = fault_of(code, _FAULTS, _BEGINNINGS)
    retry_after = window_in(detail, _WINDOWS) if fault == "rate_limited" else None
    return outcome_of(fault, f"aliyun_{code}", detail, retry_after)


def _decoded(body: bytes) -> tuple[str, dict[str, Any]] | None:
    try:
        told = msgspec.json.decode(body)
    except NOT_JSON:
        return None
    if not isinstance(told, dict) or not isinstance(told.get("Code"), str):
        return None
    return told["Code"], told
