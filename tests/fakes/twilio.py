"""Twilio's messages resource: checks the login, keeps messages, and makes the forms of its signed callbacks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.fakes.server import misbehave

SID, TOKEN = "AC0123456789", "twilio-token"
ERRORS = {
    "stopped": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "invalid": (400, 21211, "Invalid 'To' Phone Number"),
    "landline": (400, 21614, "'To' number is not a valid mobile number"),
    "rate": (429, 20429, "Too Many Requests"),
    "sender": (400, 21606, "The 'From' phone number is not valid"),
    "oops": (500, 20500, "Internal server error"),
    "busy": (503, 20503, "Service unavailable"),
}


class FakeTwilio:
    """`plays` says by number what happens; any other number gets an SMS."""

    def __init__(self) -> None:
        self.plays: dict[str, str] = {}
        self.messages: list[dict[str, Any]] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """One request of the API."""
        if request.path != f"/2010-04-01/Accounts/{SID}/Messages.json" or request.method != "POST":
            return _error(404, 20404, "The requested resource was not found")
        login = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic "))
        if login.decode() != f"{SID}:{TOKEN}":
            return _error(401, 20003, "Authenticate")
        form = {name: str(value) for name, value in (await request.post()).items()}
        play = self.plays.get(form["To"], "")
        if (answer := await misbehave(play, request)) is not None:
            return answer
        if play in ERRORS:
            return _error(*ERRORS[play])
        sid = f"SM{len(self.messages) + 1:032d}"
        self.messages.append({**form, "sid": sid})
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    def callback(self, status: str, number: int = -1, **more: str) -> tuple[str, bytes, str]:
        """Where a status is posted to, the form, and its signature."""
        message = self.messages[number]
        form = {
            "MessageSid": message["sid"],
            "MessageStatus": status,
            "To": message["To"],
            "From": "+15005550006",
            **more,
        }
        return message["StatusCallback"], urlencode(form).encode(), sign(message["StatusCallback"], form)


def sign(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """X-Twilio-Signature of a form, as Twilio's documentation describes it."""
    text = url
    for name in sorted(form):
        text += name + form[name]
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _error(status: int, code: int, message: str) -> web.Response:
    headers = {"Retry-After": "30"} if status in (429, 503) else {}
    told = {"code": code, "message": message, "more_info": "https://www.twilio.com/docs/errors", "status": status}
    return web.json_response(told, status=status, headers=headers)
