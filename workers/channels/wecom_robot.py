"""A robot in a WeCom group: its key is all that a sender needs (developer.work.weixin.qq.com/document/path/91770)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.staff_fields import WecomRobotCredentials, WecomRobotSettings
from workers.channels.calling import Exchange, HoldsNothing, ask_json, json_request
from workers.channels.each import each
from workers.channels.signing.texts import cut, titled, without_mentions
from workers.channels.wecom_api import failure_of

MAX_BYTES = {"text": 2048, "markdown": 4096}


class WecomRobot(HoldsNothing):
    """A channel; who reads the group is the robot's business, so recipients are not looked at."""

    def __init__(self, settings: WecomRobotSettings, credentials: WecomRobotCredentials, *, ask: Exchange) -> None:
        self._settings, self._ask = settings, ask
        base_url = settings.base_url.rstrip("/")
        self._url = f"{base_url}/cgi-bin/webhook/send?{urlencode({'key': credentials.key})}"

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over; each gets its own outcome."""
        return await each(messages, self._send_one)

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        reply = await ask_json(self._ask, json_request("POST", self._url, self._body(message)))
        return failure_of(reply) or Outcome("accepted", "wecom_0", reply.text("errmsg"))

    def _body(self, message: OutgoingMessage) -> dict[str, Any]:
        kind, text = self._settings.message_type, titled(message.subject, message.body)
        if kind == "markdown":
            return {"msgtype": kind, kind: {"content": cut(without_mentions(text), MAX_BYTES[kind])}}
        content = {
            "content": cut(text, MAX_BYTES[kind]),
            "mentioned_list": self._settings.mentioned,
            "mentioned_mobile_list": self._settings.mentioned_mobiles,
        }
        return {"msgtype": kind, kind: content}
