"""A robot in a Feishu (Lark) group (open.feishu.cn, "Custom bot usage guide"); it may be secured by a signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from domain.kernel.clock import system_milliseconds
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.staff_fields import FeishuCredentials, FeishuSettings
from workers.channels.calling import Exchange, HoldsNothing, Reply, ask_json, json_request
from workers.channels.each import each
from workers.channels.signing.robots import feishu_signature
from workers.channels.signing.texts import cut, json_size, titled, without_mentions

MAX_BYTES = 20 * 1024
# What of the body is not the text: names, timestamp, signature and the call of everybody.
_AROUND = 512
_EVERYBODY = '<at user_id="all"></at> '
_TOO_FAST = 11232
# 19001 no such robot, 19021 signature or clock, 19022 address not allowed: somebody will put the account right.
_LATER = frozenset({19001, 19021, 19022})


class Feishu(HoldsNothing):
    """A channel; recipients are not looked at."""

    def __init__(self, settings: FeishuSettings, credentials: FeishuCredentials, *, ask: Exchange) -> None:
        self._settings, self._credentials, self._ask = settings, credentials, ask
        base_url = settings.base_url.rstrip("/")
        self._url = f"{base_url}/open-apis/bot/v2/hook/{quote(credentials.token, safe='')}"

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over; each gets its own outcome."""
        return await each(messages, self._send_one)

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        return _outcome(await ask_json(self._ask, json_request("POST", self._url, self._body(message))))

    def _body(self, message: OutgoingMessage) -> dict[str, Any]:
        text = cut(without_mentions(titled(message.subject, message.body)), MAX_BYTES - _AROUND, json_size)
        body = {"msg_type": "text", "content": {"text": (_EVERYBODY if self._settings.everybody else "") + text}}
        if self._credentials.secret is None:
            return body
        now = system_milliseconds() // 1000
        return {"timestamp": str(now), "sign": feishu_signature(self._credentials.secret, now), **body}


def _outcome(reply: Reply) -> Outcome:
    if reply.failure is not None:
        return reply.failure
    code, said = reply.number("code"), reply.text("msg")
    if code is None:
        return reply.by_status or Outcome("unknown", "malformed_answer", "There is no code in the answer.")
    if code == 0:
        return reply.by_status or Outcome("accepted", "feishu_0", said)
    if code == _TOO_FAST:
        return Outcome("retryable", f"feishu_{code}", said, retry_after=reply.retry_after or 60)
    if code in _LATER:
        return Outcome("retryable", f"feishu_{code}", said)
    return Outcome("rejected", f"feishu_{code}", said)
