"""Aliyun's SMS service: checks ACS3 signatures by its own reading of the documentation, keeps messages, pushes SmsReport."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.server import misbehave

KEY_ID, KEY_SECRET = "LTAI-test", "aliyun-secret"
ERRORS = {
    "limit-day": ("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10"),
    "limit-minute": ("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"),
    "illegal": ("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号"),
    "template": ("isv.SMS_TEMPLATE_ILLEGAL", "短信模版不合法"),
    "balance": ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足"),
    "throttling": ("Throttling.User", "Request was denied due to user flow control."),
    "system": ("isp.SYSTEM_ERROR", "系统错误"),
}


class FakeAliyun:
    """`plays` says by number what happens; any other number gets an SMS."""

    def __init__(self) -> None:
        self.plays: dict[str, str] = {}
        self.messages: list[dict[str, Any]] = []
        self._nonces: set[str] = set()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """One request of the API."""
        refused = self._refusal(request, await request.read())
        if refused is not None:
            return _answer(400, refused, "refused by the fake")
        number = request.query["PhoneNumbers"]
        play = self.plays.get(number, "")
        if (answer := await misbehave(play, request)) is not None:
            return answer
        if play in ERRORS:
            return _answer(400 if play == "throttling" else 200, *ERRORS[play])
        biz_id = f"{len(self.messages) + 1}^0"
        self.messages.append({**request.query, "values": json.loads(request.query["TemplateParam"]), "biz_id": biz_id})
        return _answer(200, "OK", "OK", BizId=biz_id)

    def report(self, *, success: bool = True, code: str = "DELIVERED") -> bytes:
        """The SmsReport of all messages so far, as it is pushed a while later."""
        return json.dumps(
            [
                {
                    "phone_number": message["PhoneNumbers"],
                    "send_time": "2026-01-05 09:00:00",
                    "report_time": "2026-01-05 09:00:05",
                    "success": success,
                    "err_code": code,
                    "err_msg": "用户接收成功" if success else "failed",
                    "sms_size": "1",
                    "biz_id": message["biz_id"],
                    "out_id": message["OutId"],
                }
                for message in self.messages
            ]
        ).encode()

    def _refusal(self, request: web.Request, body: bytes) -> str | None:
        said = request.headers.get("Authorization", "")
        if not said.startswith("ACS3-HMAC-SHA256 "):
            return "IncompleteSignature"
        parts = dict(part.strip().split("=", 1) for part in said.removeprefix("ACS3-HMAC-SHA256 ").split(","))
        if parts["Credential"] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        if request.headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "SignatureDoesNotMatch"
        signed = parts["SignedHeaders"].split(";")
        if not {"host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"} <= set(signed):
            return "IncompleteSignature"
        lines = [request.method, request.rel_url.raw_path, _sorted_query(request.rel_url.raw_query_string)]
        lines += [f"{name}:{request.headers[name].strip()}" for name in signed]
        text = "\n".join([*lines, "", parts["SignedHeaders"], hashlib.sha256(body).hexdigest()])
        to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(text.encode()).hexdigest()
        expected = hmac.new(KEY_SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, parts["Signature"]):
            return "SignatureDoesNotMatch"
        at = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) - at) > timedelta(minutes=15):
            return "InvalidTimeStamp.Expired"
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            return "SignatureNonceUsed"
        self._nonces.add(nonce)
        wanted = (request.headers["x-acs-action"], request.headers["x-acs-version"])
        return None if wanted == ("SendSms", "2017-05-25") else "InvalidAction.NotFound"


def _sorted_query(raw: str) -> str:
    """The query as it was on the wire, sorted by decoded name; the encoding itself is part of what is checked."""
    pairs = [pair.split("=", 1) for pair in raw.split("&") if pair]
    return "&".join("=".join(pair) for pair in sorted(pairs, key=lambda pair: unquote(pair[0])))


def _answer(status: int, code: str, message: str, **more: str) -> web.Response:
    return web.json_response({"Code": code, "Message": message, "RequestId": "r-1", **more}, status=status)
