"""WeCom: tokens that end early, staff messages without duplicates, a group robot, tasks that an employee confirms, callbacks."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from tests.fakes.serving import Script

CORP_ID, AGENT_ID = "ww0123456789abcdef", 1000002
APP_SECRET, CUSTOMERS_SECRET, ROBOT_KEY = "app-secret", "customers-secret", "693a91f6-robot"
CALLBACK_TOKEN, CALLBACK_AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


@dataclass(slots=True)
class Task:
    """A mass message that waits for an employee."""

    sender: str
    customer: str
    text: str
    status: int = 0
    send_time: int = 0
    is_stopped: bool = False


@dataclass(slots=True)
class FakeWecom:
    """`calls_per_token` is after how many calls a token ends (42001); `revoked` are answered with 40014."""

    members: frozenset[str] = frozenset({"zhangsan", "lisi"})
    customers: frozenset[str] = frozenset({"wmAAA", "wmBBB"})
    calls_per_token: int = 1000
    token_script: Script = field(default_factory=Script)
    script: Script = field(default_factory=Script)
    tokens: dict[str, list[Any]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    posted: list[dict[str, Any]] = field(default_factory=list)
    delivered: list[tuple[str, str]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)

    def app(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_get("/cgi-bin/gettoken", self._get_token)
        app.router.add_post("/cgi-bin/webhook/send", self._robot)
        app.router.add_post("/cgi-bin/message/send", self._called)
        app.router.add_post("/cgi-bin/externalcontact/{call}", self._called)
        return app

    def employee_confirms(self, message_id: str, status: int = 1, at: int = 1767600000) -> None:
        """The employee has pressed the button; `status` is what became of it."""
        task = self.tasks[message_id]
        assert not task.is_stopped
        task.status, task.send_time = status, at

    async def _get_token(self, request: web.Request) -> web.StreamResponse:
        return await self.token_script.answer(request, lambda: self._new_token(request))

    def _new_token(self, request: web.Request) -> web.Response:
        if request.query.get("corpid") != CORP_ID:
            return _error(40013, "invalid corpid")
        secret = request.query.get("corpsecret")
        if secret not in (APP_SECRET, CUSTOMERS_SECRET):
            return _error(40001, "invalid credential")
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = [secret, self.calls_per_token]
        return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})

    async def _called(self, request: web.Request) -> web.StreamResponse:
        token, body = request.query.get("access_token", ""), await request.json()
        if token not in self.tokens or token in self.revoked:
            return _error(40014, "invalid access_token")
        if self.tokens[token][1] <= 0:
            return _error(42001, "access_token expired")
        self.tokens[token][1] -= 1
        secret, call = self.tokens[token][0], request.path.rpartition("/")[2]
        self.posted.append(body)
        act = {
            "send": self._message,
            "add_msg_template": self._task,
            "get_groupmsg_task": self._task_state,
            "get_groupmsg_send_result": self._task_result,
            "cancel_groupmsg_send": self._stop_task,
        }[call]
        if (secret == APP_SECRET) != (call == "send"):
            return _error(48002, "api forbidden")
        return await self.script.answer(request, lambda: act(body))

    def _message(self, body: dict[str, Any]) -> web.Response:
        if body["agentid"] != AGENT_ID:
            return _error(301002, "not allow operate another agent with this accesstoken")
        if body["msgtype"] not in ("text", "markdown"):
            return _error(40008, "invalid message type")
        content = body[body["msgtype"]]["content"]
        if not content or len(content.encode()) > 2048:
            return _error(45002, "content size out of limit")
        wanted = body["touser"].split("|")
        known = [member for member in wanted if member in self.members]
        if not known:
            return _error(81013, "user & party & tag all invalid")
        for member in known:
            if not body["enable_duplicate_check"] or (member, content) not in self.delivered:
                self.delivered.append((member, content))
        unknown = "|".join(member for member in wanted if member not in self.members)
        return web.json_response(
            {"errcode": 0, "errmsg": "ok", "invaliduser": unknown, "msgid": f"m{len(self.posted)}"}
        )

    async def _robot(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self.script.answer(request, lambda: self._say(request.query.get("key", ""), body))

    def _say(self, key: str, body: dict[str, Any]) -> web.Response:
        if key != ROBOT_KEY:
            return _error(93000, "invalid webhook url, hint: [1], from ip: 203.0.113.7")
        kind = body["msgtype"]
        if len(body[kind]["content"].encode()) > {"text": 2048, "markdown": 4096}[kind]:
            return _error(40058, "content exceed max length")
        if len(self.said) >= 20:
            return _error(45009, "api freq out of limit")
        self.said.append(body)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    def _task(self, body: dict[str, Any]) -> web.Response:
        assert (body["chat_type"], body["allow_select"]) == ("single", False)
        (customer,), text = body["external_userid"], body["text"]["content"]
        if len(text.encode()) > 4000:
            return _error(40058, "text too long")
        if not customer.startswith("wm"):
            return _error(40096, "invalid external userid")
        failed = [] if customer in self.customers else [customer]
        message_id = f"msgGCAAAXtWyujaWJHDDGi0mACAAAA{len(self.tasks) + 1}"
        self.tasks[message_id] = Task(body["sender"], customer, text)
        return web.json_response({"errcode": 0, "errmsg": "ok", "fail_list": failed, "msgid": message_id})

    def _stop_task(self, body: dict[str, Any]) -> web.Response:
        self.tasks[body["msgid"]].is_stopped = True
        return _error(0, "ok")

    def _task_state(self, body: dict[str, Any]) -> web.Response:
        task = self.tasks.get(body["msgid"])
        if task is None:
            return _error(41048, "no such msgid")
        state = {"userid": task.sender, "status": 2 if task.status else 0, "send_time": task.send_time}
        return web.json_response({"errcode": 0, "errmsg": "ok", "next_cursor": "", "task_list": [state]})

    def _task_result(self, body: dict[str, Any]) -> web.Response:
        task = self.tasks[body["msgid"]]
        assert body["userid"] == task.sender
        result = {"external_userid": task.customer, "userid": task.sender, "status": task.status}
        if task.status == 1:
            result["send_time"] = task.send_time
        return web.json_response({"errcode": 0, "errmsg": "ok", "next_cursor": "", "send_list": [result]})


def callback_of(event: str, *, corp_id: str = CORP_ID, token: str = CALLBACK_TOKEN) -> tuple[dict[str, str], bytes]:
    """Query and body of a callback with this inner XML, signed and encrypted as WeCom does."""
    encrypted = _encrypted(event.encode(), corp_id)
    body = f"<xml><ToUserName><![CDATA[{corp_id}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return signed_query(encrypted, token), body.encode()


def echo_of(text: bytes) -> dict[str, str]:
    """Query of the check of an address."""
    encrypted = _encrypted(text, CORP_ID)
    return signed_query(encrypted, CALLBACK_TOKEN) | {"echostr": encrypted}


def signed_query(encrypted: str, token: str) -> dict[str, str]:
    """What WeCom puts into the address."""
    query = {"timestamp": "1767600000", "nonce": "1372623149"}
    joined = "".join(sorted([token, encrypted, *query.values()]))
    return query | {"msg_signature": hashlib.sha1(joined.encode()).hexdigest()}


def _encrypted(message: bytes, corp_id: str) -> str:
    key = base64.b64decode(CALLBACK_AES_KEY + "=")
    padder = PKCS7(256).padder()
    plain = os.urandom(16) + len(message).to_bytes(4, "big") + message + corp_id.encode()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _error(code: int, message: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": message})
