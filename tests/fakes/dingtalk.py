"""A DingTalk group robot that checks signature, keyword, address and size."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.serving import Script

ACCESS_TOKEN, SECRET = "566cc69da782ec", "SECthis is secret"


@dataclass(slots=True)
class FakeDingtalk:
    """`keyword` must be in what is said; `allowed` is whether the caller's address is."""

    secret: str | None = SECRET
    keyword: str = ""
    allowed: bool = True
    script: Script = field(default_factory=Script)
    said: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_post("/robot/send", self._send)
        return app

    async def _send(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = await request.json()
        return await self.script.answer(request, lambda: self._say(request.query, raw, body))

    def _say(self, query: Any, raw: bytes, body: dict[str, Any]) -> web.Response:
        if query.get("access_token") != ACCESS_TOKEN:
            return _error(300005, "token is not exist")
        if self.secret is not None and not _is_signed(self.secret, query):
            return _error(310000, "sign not match, more: [https://ding-doc.dingtalk.com]")
        if not self.allowed:
            return _error(310000, "ip 203.0.113.7 not in whitelist")
        if self.keyword not in str(body):
            return _error(310000, "keywords not in content")
        if len(raw) > 20_000:
            return _error(460101, "message too long, exceed 20000 bytes")
        if len(self.said) >= 20:
            return _error(130101, "send too fast, exceed 20 times per minute")
        self.said.append(body)
        return _error(0, "ok")


def _is_signed(secret: str, query: Any) -> bool:
    stamp = query.get("timestamp", "0")
    digest = hmac.new(secret.encode("utf-8"), f"{stamp}\n{secret}".encode(), digestmod=hashlib.sha256).digest()
    is_fresh = abs(time.time() * 1000 - int(stamp)) < 3_600_000
    return is_fresh and query.get("sign") == base64.b64encode(digest).decode()


def _error(code: int, message: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": message})
