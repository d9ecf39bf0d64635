"""A Feishu group robot that checks signature, keyword, address and size."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.serving import Script

TOKEN, SECRET = "a7b1c2d3-0000", "demo"


@dataclass(slots=True)
class FakeFeishu:
    """`keyword` must be in what is said; `allowed` is whether the caller's address is."""

    secret: str | None = SECRET
    keyword: str = ""
    allowed: bool = True
    script: Script = field(default_factory=Script)
    said: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> web.Application:
        """The server."""
        app = web.Application(client_max_size=1024 * 1024)
        app.router.add_post("/open-apis/bot/v2/hook/{token}", self._send)
        return app

    async def _send(self, request: web.Request) -> web.StreamResponse:
        raw, body = await request.read(), await request.json()
        return await self.script.answer(request, lambda: self._say(request.match_info["token"], raw, body))

    def _say(self, token: str, raw: bytes, body: dict[str, Any]) -> web.Response:
        if token != TOKEN:
            return _answer(19001, "param invalid: incoming webhook access token invalid")
        if self.secret is not None and not _is_signed(self.secret, body):
            return _answer(19021, "sign match fail or timestamp is not within one hour from current time")
        if not self.allowed:
            return _answer(19022, "Ip Not Allowed")
        if self.keyword not in str(body):
            return _answer(19024, "Key Words Not Found")
        if len(raw) > 20 * 1024 or body.get("msg_type") != "text":
            return _answer(9499, "Bad Request")
        if len(self.said) >= 100:
            return _answer(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]")
        self.said.append(body)
        return _answer(0, "success")


def _is_signed(secret: str, body: dict[str, Any]) -> bool:
    stamp = body.get("timestamp", "0")
    digest = hmac.new(f"{stamp}\n{secret}".encode(), digestmod=hashlib.sha256).digest()
    return abs(time.time() - int(stamp)) < 3600 and body.get("sign") == base64.b64encode(digest).decode()


def _answer(code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "msg": message, "data": {}})
