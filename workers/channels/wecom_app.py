"""WeCom messages of an app to the tenant's own staff.

Source: developer.work.weixin.qq.com/document/path/90236 (messages), 90454 (limits). WeCom drops what a member gets beyond 30 a
minute or 1,000 an hour without a word, so this side keeps within both.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.staff_fields import WecomAppCredentials, WecomAppSettings
from workers.channels.calling import Exchange, HoldsNothing, Reply
from workers.channels.each import each
from workers.channels.memory import AccountMemory, Limit
from workers.channels.signing.texts import cut, titled, without_mentions
from workers.channels.wecom_api import WecomApi, failure_of

CHANNEL = "wecom_staff"
MAX_TEXT_BYTES = 2048
MEMBER_LIMITS: tuple[Limit, ...] = ((30, 60.0), (1000, 3600.0))
# Seconds within which WeCom delivers an equal text to equal recipients once. Long enough for the one repetition below, short enough
# that an alert which is rightly raised again later is not swallowed.
DUPLICATE_CHECK_INTERVAL = 600


class WecomApp(HoldsNothing):
    """A channel; a message's recipient is one member id or several with `|` between them."""

    def __init__(
        self, settings: WecomAppSettings, credentials: WecomAppCredentials, *, ask: Exchange, memory: AccountMemory
    ) -> None:
        self._settings = settings
        self._api = WecomApi(settings.base_url, settings.corp_id, credentials.secret, ask=ask, memory=memory)
        self._pace = memory.pace

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over, several at once; each gets its own outcome."""
        return await each(messages, self._send_one)

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        members = self._members(message.recipient)
        if not members:
            return Outcome("rejected", "no_recipients", "Neither the message nor the account names a member.")
        wait = max(self._pace.wait(f"{self._api.key} {member}", MEMBER_LIMITS) for member in members)
        if wait:
            return Outcome(
                "retryable", "own_pace", "A member would get more than WeCom delivers.", retry_after=ceil(wait)
            )
        body = self._body(members, message)
        reply = await self._api.post("/cgi-bin/message/send", body)
        failure = failure_of(reply)
        if failure is not None and failure.kind == "unknown":
            # WeCom drops the second of two equal messages, so asking again settles what became of the first.
            reply = await self._api.post("/cgi-bin/message/send", body)
            again = failure_of(reply)
            if again is None or again.kind == "rejected":
                return again or _accepted(reply, members)
        return failure or _accepted(reply, members)

    def _members(self, recipient: str) -> list[str]:
        """The account's own recipients where the message names the account, or its channel for want of an account then."""
        is_to_account = recipient.startswith("cha_") or recipient == CHANNEL
        named = self._settings.recipients if is_to_account else recipient.split("|")
        return [member.strip() for member in named if member.strip()]

    def _body(self, members: list[str], message: OutgoingMessage) -> dict[str, Any]:
        kind, text = self._settings.message_type, titled(message.subject, message.body)
        content = without_mentions(text) if kind == "markdown" else text
        return {
            "touser": "|".join(members),
            "msgtype": kind,
            "agentid": self._settings.agent_id,
            kind: {"content": cut(content, MAX_TEXT_BYTES)},
            "safe": 0,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_CHECK_INTERVAL,
        }


def _accepted(reply: Reply, members: list[str]) -> Outcome:
    """With errcode 0 some members may still be unknown to WeCom; it names them, in lower case."""
    unknown = {name.casefold() for name in reply.text("invaliduser").split("|") if name}
    missed = [place for place, member in enumerate(members, 1) if member.casefold() in unknown]
    message_id = reply.text("msgid") or None
    if len(missed) == len(members):
        return Outcome("rejected", "wecom_invaliduser", "WeCom knows none of the members.")
    if missed:
        places = ", ".join(map(str, missed))
        return Outcome("accepted", "wecom_partial", f"Not to members number {places} of {len(members)}.", message_id)
    return Outcome("accepted", "wecom_0", reply.text("errmsg"), message_id)
