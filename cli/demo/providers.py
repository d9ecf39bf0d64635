"""Two message providers on a free local port: Aliyun's SMS service and a Feishu group. Each checks the signature of what it is sent.

They know nothing of Dunwell: the signatures are computed here from the providers' documentation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

KEY_ID, KEY_SECRET = "LTAI-demo", "aliyun-demo-secret"
ROBOT, ROBOT_SECRET = "robot-demo", "feishu-demo-secret"
SMS_TEMPLATE = "SMS_1001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message that came to somebody outside; `notice_id` is None where the channel does not tell it."""

    channel: str
    notice_id: str | None
    recipient: str
    text: str


@dataclass(slots=True)
class Providers:
    """What was accepted, in the order in which it came, and what was refused for its signature."""

    url: str = ""
    arrived: list[Arrived] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def sms(self, request: web.Request) -> web.Response:
        """Aliyun's SendSms."""
        if not await _is_signed_by_us(request):
            self.refused.append("sms")
            return web.json_response(
                {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched."}
            )
        told = request.query
        self.arrived.append(
            Arrived(
                channel="sms",
                notice_id=told["OutId"],
                recipient=told["PhoneNumbers"],
                text=" ".join(json.loads(told["TemplateParam"]).values()),
            )
        )
        return web.json_response({"Code": "OK", "Message": "OK", "BizId": f"{len(self.arrived)}^0"})

    async def group(self, request: web.Request) -> web.Response:
        """A robot's address in a Feishu group."""
        told = await request.json()
        key = f"{told.get('timestamp')}\n{ROBOT_SECRET}".encode()
        if told.get("sign") != base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode():
            self.refused.append("feishu")
            return web.json_response({"code": 19021, "msg": "sign match fail"})
        self.arrived.append(Arrived(channel="feishu", notice_id=None, recipient="", text=told["content"]["text"]))
        return web.json_response({"code": 0, "msg": "success"})

    def sms_reports(self) -> list[dict[str, Any]]:
        """What Aliyun tells later of all SMS: that the telephones have them."""
        return [
            {
                "phone_number": one.recipient,
                "send_time": "2026-03-09 09:00:00",
                "report_time": "2026-03-09 09:00:04",
                "success": True,
                "err_code": "DELIVERED",
                "err_msg": "delivered",
                "sms_size": "1",
                "biz_id": f"{number}^0",
                "out_id": one.notice_id,
            }
            for number, one in enumerate(self.arrived, 1)
            if one.channel == "sms"
        ]


@asynccontextmanager
async def providers() -> AsyncIterator[Providers]:
    """Both listen at `url`."""
    made = Providers()
    application = web.Application()
    application.router.add_post("/", made.sms)
    application.router.add_post(f"/open-apis/bot/v2/hook/{ROBOT}", made.group)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()


async def _is_signed_by_us(request: web.Request) -> bool:
    """Aliyun's ACS3-HMAC-SHA256 over method, path, query, headers and the body's hash."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in said.split(","))
    body_hash = hashlib.sha256(await request.read()).hexdigest()
    if (scheme, parts.get("Credential")) != ("ACS3-HMAC-SHA256", KEY_ID) or "Signature" not in parts:
        return False
    pairs = [pair for pair in request.rel_url.raw_query_string.split("&") if pair]
    query = "&".join(sorted(pairs, key=lambda pair: unquote(pair.partition("=")[0])))
    names = parts["SignedHeaders"].split(";")
    headers = [f"{name}:{request.headers[name].strip()}" for name in names]
    canonical = "\n".join(["POST", "/", query, *headers, "", parts["SignedHeaders"], body_hash])
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    expected = hmac.new(KEY_SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["Signature"]) and request.headers["x-acs-content-sha256"] == body_hash
