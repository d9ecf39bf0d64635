"""A robot in a DingTalk group (open.dingtalk.com, "Custom robots"); it may be secured by a signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from domain.kernel.clock import system_milliseconds
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.staff_fields import DingtalkCredentials, DingtalkSettings
from workers.channels.calling import Exchange, HoldsNothing, Reply, ask_json, json_request
from workers.channels.each import each
from workers.channels.signing.robots import dingtalk_signature
from workers.channels.signing.texts import cut, json_size, titled

MAX_BYTES = 20_000
# What of the body is not the text: names, the title and whom to call.
_AROUND = 2_000
_SECURITY, _TOO_FAST = 310000, 130101
# -1 busy, 300001 and 300005 no such token.
_LATER = frozenset({-1, 300001, 300005})


class Dingtalk(HoldsNothing):
    """A channel; recipients are not looked at."""

    def __init__(self, settings: DingtalkSettings, credentials: DingtalkCredentials, *, ask: Exchange) -> None:
        self._settings, self._credentials, self._ask = settings, credentials, ask

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over; each gets its own outcome."""
        return await each(messages, self._send_one)

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        return _outcome(await ask_json(self._ask, json_request("POST", self._url(), self._body(message))))

    def _url(self) -> str:
        query = {"access_token": self._credentials.access_token}
        if self._credentials.secret is not None:
            now = system_milliseconds()
            query |= {"timestamp": str(now), "sign": dingtalk_signature(self._credentials.secret, now)}
        return f"{self._settings.base_url.rstrip('/')}/robot/send?{urlencode(query)}"

    def _body(self, message: OutgoingMessage) -> dict[str, Any]:
        at = {"atMobiles": self._settings.mobiles[:50], "isAtAll": self._settings.everybody}
        if self._settings.message_type == "text":
            text = {"content": cut(titled(message.subject, message.body), MAX_BYTES - _AROUND, json_size)}
            return {"msgtype": "text", "text": text, "at": at}
        markdown = {
            "title": cut(message.subject or message.body.strip(), 100),
            "text": cut(message.body.strip(), MAX_BYTES - _AROUND, json_size),
        }
        return {"msgtype": "markdown", "markdown": markdown, "at": at}


def _outcome(reply: Reply) -> Outcome:
    if reply.failure is not None:
        return reply.failure
    code, said = reply.number("errcode"), reply.text("errmsg")
    if code is None:
        return reply.by_status or Outcome("unknown", "malformed_answer", "There is no errcode in the answer.")
    if code == 0:
        return Outcome("accepted", "dingtalk_0", said)
    if code == _TOO_FAST:
        return Outcome("retryable", f"dingtalk_{code}", said, retry_after=reply.retry_after or 60)
    # One code for three refusals: a signature or an address is put right by somebody, a text without the robot's
    # keyword never will be.
    if code in _LATER or (code == _SECURITY and "keyword" not in said.lower() and "关键词" not in said):
        return Outcome("retryable", f"dingtalk_{code}", said)
    return Outcome("rejected", f"dingtalk_{code}", said)
