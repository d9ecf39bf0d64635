"""SMS through Tencent Cloud (SendSms 2021-01-11). Not idempotent: what may have been taken is never sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from domain.kernel.clock import SystemClock
from domain.kernel.phones import e164
from domain.kernel.shapes import NOT_JSON
from domain.messaging.account_model import OpenAccount
from domain.messaging.channel_model import Outcome, OutgoingMessage
from workers.channels.approved_texts import approved_text
from workers.channels.each import each
from workers.channels.faults import Fault, fault_of, not_answered, not_understood, outcome_of, window_in
from workers.channels.signing.tencent import authorization
from workers.http import GuardedHttp, HttpAnswer

VERSION = "2021-01-11"
CONTENT_TYPE = "application/json; charset=utf-8"
_FAULTS: dict[str, Fault] = {
    "FailedOperation.PhoneNumberInBlacklist": "opted_out",
    "FailedOperation.PhoneNumberParseFail": "permanent_address",
    "InvalidParameterValue.IncorrectPhoneNumber": "permanent_address",
    "FailedOperation.InsufficientBalanceInSmsPackage": "auth",
    "RequestLimitExceeded": "rate_limited",
}
_BEGINNINGS: tuple[tuple[str, Fault], ...] = (
    ("LimitExceeded", "rate_limited"),
    ("RequestLimitExceeded", "rate_limited"),
    ("AuthFailure", "auth"),
    ("UnauthorizedOperation", "auth"),
    ("ResourceUnavailable", "transient"),
    ("FailedOperation", "permanent_content"),
    ("InvalidParameter", "permanent_content"),
    ("MissingParameter", "permanent_content"),
    ("UnsupportedOperation", "permanent_content"),
)
_WINDOWS = (("ThirtySecond", 30), ("OneHour", 3600), ("Daily", 86_400))


class TencentSms:
    """One account."""

    def __init__(self, account: OpenAccount, http: GuardedHttp) -> None:
        self._settings, self._credentials, self._http = account.settings, account.credentials, http
        self._host = urlsplit(self._settings["endpoint"]).netloc

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """One request for each message: only those to the same text could share one."""
        return await each(messages, self._send_one)

    async def close(self) -> None:
        """Holds no connections of its own."""

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        text = approved_text(self._settings["templates"], message)
        if isinstance(text, Outcome):
            return text
        body = msgspec.json.encode(
            {
                "PhoneNumberSet": [e164(message.recipient)],
                "SmsSdkAppId": self._settings["sdk_app_id"],
                "SignName": self._settings["sign_name"],
                "TemplateId": text.code,
                "TemplateParamSet": list(text.values.values()),
                "SessionContext": message.notice_id,
            }
        )
        url = f"{self._settings['endpoint'].rstrip('/')}/"
        return outcome_from(await self._http.exchange("POST", url, headers=self._headers(body), body=body))

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp = int(SystemClock().now().timestamp())
        signed = authorization(
            host=self._host,
            service="sms",
            body=body,
            content_type=CONTENT_TYPE,
            secret_id=self._credentials["secret_id"],
            secret_key=self._credentials["secret_key"],
            timestamp=timestamp,
        )
        return {
            "host": self._host,
            "authorization": signed,
            "content-type": CONTENT_TYPE,
            "x-tc-action": "SendSms",
            "x-tc-version": VERSION,
            "x-tc-timestamp": str(timestamp),
            "x-tc-region": self._settings["region"],
        }


def outcome_from(answer: HttpAnswer) -> Outcome:
    """What Tencent's answer says of the message; errors come with status 200."""
    if answer.status is None:
        return not_answered(answer, "Tencent Cloud")
    said = _decoded(answer.body)
    if said is None:
        return not_understood(answer, "Tencent Cloud")
    code, detail = str(said.get("Code", "")), str(said.get("Message", ""))
    if code == "Ok":
        return Outcome("accepted", "tencent_Ok", detail, provider_message_id=said.get("SerialNo"))
    fault = fault_of(code, _FAULTS, _BEGINNINGS)
    retry_after = window_in(code, _WINDOWS) if fault == "rate_limited" else None
    return outcome_of(fault, f"tencent_{code}", detail, retry_after)


def _decoded(body: bytes) -> dict[str, Any] | None:
    """What is said of the request as a whole, else of its one message."""
    try:
        told = msgspec.json.decode(body)["Response"]
        said = told["Error"] if "Error" in told else told["SendStatusSet"][0]
    except (*NOT_JSON, KeyError, TypeError, IndexError):
        return None
    return said if isinstance(said, dict) else None
