"""Push messages through Firebase Cloud Messaging, HTTP v1 (firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from domain.kernel.clock import system_milliseconds
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.staff_fields import FcmCredentials, FcmSettings
from workers.channels.calling import Exchange, HoldsNothing, Reply, Request, ask_json, json_request
from workers.channels.each import each
from workers.channels.memory import AccessToken, AccountMemory, key_of
from workers.channels.signing.google import GRANT_TYPE, assertion
from workers.channels.signing.texts import cut, json_size

# FCM takes 4,096 bytes in all; the rest is names, the notice's id and the title.
MAX_TITLE_BYTES, MAX_BODY_BYTES = 300, 3_000
_WAIT_WHEN_TOO_MUCH = 60
_TOO_MUCH = frozenset({"QUOTA_EXCEEDED", "UNAVAILABLE", "RESOURCE_EXHAUSTED"})
# The project, the service account or Apple's certificate is not in order: somebody will put it right.
_OUR_FAULT = frozenset({"THIRD_PARTY_AUTH_ERROR", "UNAUTHENTICATED", "PERMISSION_DENIED"})
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class Fcm(HoldsNothing):
    """A channel; a message's recipient is the registration token of one app on one device."""

    def __init__(
        self, settings: FcmSettings, credentials: FcmCredentials, *, ask: Exchange, memory: AccountMemory
    ) -> None:
        self._settings, self._credentials, self._ask, self._tokens = settings, credentials, ask, memory.tokens
        base_url = settings.base_url.rstrip("/")
        self._url = f"{base_url}/v1/projects/{quote(settings.project_id, safe='')}/messages:send"
        self._key = key_of("fcm", settings.token_uri, credentials.client_email, credentials.private_key)

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over, several at once; each gets its own outcome."""
        return await each(messages, self._send_one)

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        body = _body(message)
        reply, token = await self._with_token(body)
        if token is not None and _error_code(reply) == "UNAUTHENTICATED":
            self._tokens.forget(self._key, token)
            reply, _ = await self._with_token(body)
        return _outcome(reply)

    async def _with_token(self, body: object) -> tuple[Reply, str | None]:
        token = await self._tokens.get(self._key, self._fetch)
        if isinstance(token, Outcome):
            return Reply(failure=token), None
        request = json_request("POST", self._url, body, {"authorization": f"Bearer {token}"})
        return await ask_json(self._ask, request), token

    async def _fetch(self) -> AccessToken | Outcome:
        account = self._credentials
        try:
            signed = assertion(
                account.private_key,
                client_email=account.client_email,
                key_id=account.private_key_id,
                audience=self._settings.token_uri,
                issued_at=system_milliseconds() // 1000,
            )
        except ValueError:
            return Outcome("retryable", "invalid_credentials", "The private key of the service account is no RSA key.")
        form = urlencode({"grant_type": GRANT_TYPE, "assertion": signed}).encode()
        request = Request("POST", self._settings.token_uri, _FORM, form)
        reply = await ask_json(self._ask, request)
        token, lifetime = reply.data.get("access_token"), reply.number("expires_in")
        if reply.failure is None and isinstance(token, str) and token and lifetime:
            return AccessToken(token, float(lifetime))
        failed = reply.failure or reply.by_status
        code = failed.code if failed else "malformed_answer"
        # Whatever became of this call, no message was in it.
        return Outcome("retryable", code, reply.text("error"), retry_after=reply.retry_after)


def _body(message: OutgoingMessage) -> dict[str, Any]:
    """A repetition, if there ever is one, takes the place of the first on the device (tag, collapse id)."""
    return {
        "message": {
            "token": message.recipient,
            "notification": {
                "title": cut(message.subject, MAX_TITLE_BYTES, json_size),
                "body": cut(message.body.strip(), MAX_BODY_BYTES, json_size),
            },
            "data": {"notice_id": message.notice_id},
            "android": {"notification": {"tag": message.notice_id}},
            "apns": {"headers": {"apns-collapse-id": message.notice_id[:64]}},
        }
    }


def _outcome(reply: Reply) -> Outcome:
    if reply.failure is not None:
        return reply.failure
    code = _error_code(reply)
    if code is None:
        if reply.by_status is not None:
            return reply.by_status
        name = reply.text("name")
        return Outcome("accepted", "fcm_ok", "", name) if name else Outcome("unknown", "malformed_answer", "No name.")
    stable, detail = f"fcm_{code.lower()}"[:100], _said(reply)
    # Not NOT_FOUND alone: a wrong project would have every address dropped.
    if code == "UNREGISTERED":
        return Outcome("rejected", "address_gone", detail, invalid_address=True)
    if code in _TOO_MUCH:
        return Outcome("retryable", stable, detail, retry_after=reply.retry_after or _WAIT_WHEN_TOO_MUCH)
    if code in _OUR_FAULT:
        return Outcome("retryable", stable, detail)
    if reply.by_status is not None and reply.by_status.kind == "unknown":
        return Outcome("unknown", stable, detail)
    return Outcome("rejected", stable, detail)


def _error_code(reply: Reply) -> str | None:
    """FCM's own error code, else the status of Google's APIs; None where the answer is no error."""
    error = reply.data.get("error")
    if not isinstance(error, dict):
        return None
    details = error.get("details")
    for detail in details if isinstance(details, list) else []:
        # Apple's answer may be among the details, with an errorCode of its own.
        if isinstance(detail, dict) and str(detail.get("@type")).endswith("FcmError"):
            return str(detail.get("errorCode"))
    status = error.get("status")
    return status if isinstance(status, str) and status else None


def _said(reply: Reply) -> str:
    error = reply.data.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return message[:300] if isinstance(message, str) else ""
