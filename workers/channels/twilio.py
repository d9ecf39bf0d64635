"""SMS through Twilio (2010-04-01). Creating a message is not idempotent: what may have been taken is never sent again."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from domain.kernel.phones import e164
from domain.kernel.shapes import NOT_JSON
from domain.messaging.account_model import OpenAccount
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.rules.sms import parts_of
from workers.channels.each import each
from workers.channels.faults import Fault, not_answered, not_understood, outcome_of, retry_after_of
from workers.http import GuardedHttp, HttpAnswer

LONGEST = 1600
MOST_PARTS = 10
_FAULTS: dict[int, Fault] = {
    20003: "auth",
    20429: "rate_limited",
    21211: "permanent_address",
    21214: "permanent_address",
    21217: "permanent_address",
    21408: "auth",
    21602: "permanent_content",
    21605: "permanent_content",
    21606: "auth",
    21610: "opted_out",
    21611: "rate_limited",
    21612: "permanent_content",
    21614: "permanent_address",
    21617: "permanent_content",
}


class TwilioSms:
    """One account."""

    def __init__(self, account: OpenAccount, http: GuardedHttp) -> None:
        self._settings, self._http, self._callback_url = account.settings, http, account.callback_url
        sid = self._settings["account_sid"]
        self._url = f"{self._settings['endpoint'].rstrip('/')}/2010-04-01/Accounts/{quote(sid, safe='')}/Messages.json"
        login = base64.b64encode(f"{sid}:{account.credentials['auth_token']}".encode()).decode()
        self._headers = {"authorization": f"Basic {login}", "content-type": "application/x-www-form-urlencoded"}

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """One request for each message."""
        return await each(messages, self._send_one)

    async def close(self) -> None:
        """Holds no connections of its own."""

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        body = message.body.strip()
        if len(body) > LONGEST or parts_of(body) > MOST_PARTS:
            told = f"An SMS has at most {LONGEST} characters and {MOST_PARTS} parts."
            return Outcome("rejected", "message_too_long", told)
        sender = self._settings["sender"]
        by = "MessagingServiceSid" if sender.startswith("MG") else "From"
        form = {"To": e164(message.recipient), by: sender, "Body": body, "StatusCallback": self._callback_url}
        answer = await self._http.exchange("POST", self._url, headers=self._headers, body=urlencode(form).encode())
        return outcome_from(answer)


def outcome_from(answer: HttpAnswer) -> Outcome:
    """What Twilio's answer says of the message."""
    if answer.status is None:
        return not_answered(answer, "Twilio")
    told = _decoded(answer.body)
    if told is None:
        return not_understood(answer, "Twilio")
    if 200 <= answer.status < 300 and isinstance(told.get("sid"), str):
        return Outcome("accepted", f"twilio_{told.get('status', 'accepted')}", "", provider_message_id=told["sid"])
    code = told.get("code")
    fault = _fault_of(answer.status, code if isinstance(code, int) else 0)
    named = code if isinstance(code, int) else f"http_{answer.status}"
    return outcome_of(fault, f"twilio_{named}", str(told.get("message", "")), retry_after_of(answer))


def _fault_of(status: int, code: int) -> Fault:
    if code in _FAULTS:
        return _FAULTS[code]
    if status == 429:
        return "rate_limited"
    if status in (401, 403):
        return "auth"
    if status == 503:
        return "transient"
    return "permanent_content" if 400 <= status < 500 else "unknown"


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        told = msgspec.json.decode(body)
    except NOT_JSON:
        return None
    return told if isinstance(told, dict) else None
