"""Tencent Cloud's SMS service: checks TC3 signatures by its own reading of the documentation, keeps messages, tells their status."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.fakes.server import misbehave

ID, KEY = "AKID-test", "tencent-secret"
STATUS = {
    "thirty": ("LimitExceeded.PhoneNumberThirtySecondLimit", "30 s"),
    "daily": ("LimitExceeded.PhoneNumberDailyLimit", "daily"),
    "blacklist": ("FailedOperation.PhoneNumberInBlacklist", "blacklist"),
    "illegal": ("InvalidParameterValue.IncorrectPhoneNumber", "wrong number"),
    "template": ("FailedOperation.TemplateIncorrectOrUnapproved", "template"),
}
ERRORS = {
    "rate": ("RequestLimitExceeded", "too fast"),
    "internal": ("InternalError.Timeout", "timeout"),
    "unauthorized": ("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "app"),
}
_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<scope>[^,]+), SignedHeaders=(?P<names>[^,]+), Signature=(?P<signature>\w+)"
)


class FakeTencent:
    """`plays` says by number what happens; any other number gets an SMS."""

    def __init__(self) -> None:
        self.plays: dict[str, str] = {}
        self.messages: list[dict[str, Any]] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """One request of the API; errors have status 200."""
        body = await request.read()
        refused = _refusal(request, body)
        if refused is not None:
            return _error(refused, "refused by the fake")
        told = json.loads(body)
        (number,) = told["PhoneNumberSet"]
        play = self.plays.get(number, "")
        if (answer := await misbehave(play, request)) is not None:
            return answer
        if play in ERRORS:
            return _error(*ERRORS[play])
        code, message = STATUS.get(play, ("Ok", "send success"))
        serial = f"2026:{len(self.messages) + 1}" if code == "Ok" else ""
        if code == "Ok":
            self.messages.append({**told, "serial": serial})
        status = {
            "SerialNo": serial,
            "PhoneNumber": number,
            "Fee": 1,
            "Code": code,
            "Message": message,
            "IsoCode": "CN",
        }
        return web.json_response({"Response": {"SendStatusSet": [status], "RequestId": "r-1"}})

    def report(self, status: str = "SUCCESS", errmsg: str = "DELIVRD") -> bytes:
        """The status callback of all messages so far."""
        return json.dumps(
            [
                {
                    "user_receive_time": "2026-01-05 09:00:05",
                    "nationcode": "86",
                    "mobile": message["PhoneNumberSet"][0][3:],
                    "report_status": status,
                    "errmsg": errmsg,
                    "description": "用户短信送达成功",
                    "sid": message["serial"],
                }
                for message in self.messages
            ]
        ).encode()


def _refusal(request: web.Request, body: bytes) -> str | None:
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        return "AuthFailure.SignatureFailure"
    if found["id"] != ID:
        return "AuthFailure.SecretIdNotFound"
    stamp = request.headers["X-TC-Timestamp"]
    if abs(datetime.now(UTC).timestamp() - int(stamp)) > 300:
        return "AuthFailure.SignatureExpire"
    day, service, end = found["scope"].split("/")
    if (day, service, end) != (datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d"), "sms", "tc3_request"):
        return "AuthFailure.SignatureFailure"
    names = found["names"].split(";")
    if not {"content-type", "host"} <= set(names):
        return "AuthFailure.SignatureFailure"
    signed = "".join(f"{name}:{request.headers[name].strip().lower()}\n" for name in names)
    canonical = f"POST\n/\n\n{signed}\n{found['names']}\n{hashlib.sha256(body).hexdigest()}"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{found['scope']}\n{hashed}"
    key = _mac(_mac(_mac(("TC3" + KEY).encode(), day), service), end)
    if not hmac.compare_digest(_mac(key, to_sign).hex(), found["signature"]):
        return "AuthFailure.SignatureFailure"
    wanted = (request.headers["X-TC-Action"], request.headers["X-TC-Version"], request.headers["X-TC-Region"])
    return None if wanted == ("SendSms", "2021-01-11", "ap-guangzhou") else "InvalidAction"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _error(code: str, message: str) -> web.Response:
    return web.json_response({"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "r-1"}})
