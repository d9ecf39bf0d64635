"""WeCom's server API: one access token per secret, renewed once when it is refused, and what the error codes mean.

Sources: developer.work.weixin.qq.com/document/path/91039 (token), 90313 (global error codes).
"""

from __future__ import annotations

from urllib.parse import urlencode

from domain.messaging.channel_model import Outcome
from workers.channels.calling import Exchange, Reply, ask_json, json_request
from workers.channels.memory import AccessToken, AccountMemory, key_of

TOKEN_REFUSED = frozenset({40014, 42001})
TOO_FAST = frozenset({45009, 45033})
_WAIT_WHEN_TOO_FAST = 60
# The account is set up wrongly, or WeCom is busy; the message is good and may be taken later: -1 busy, 40001 secret,
# 40013 corporation, 40056 and 301002 agent, 48002 permission, 60020 address not trusted, 93000 robot key.
_LATER = frozenset({-1, 40001, 40013, 40056, 48002, 60020, 93000, 301002}) | TOKEN_REFUSED
# No such external contact, or none of ours any more.
_ADDRESS_GONE = frozenset({40096, 84061})


class WecomApi:
    """Calls in the name of one app of one corporation."""

    def __init__(self, base_url: str, corp_id: str, secret: str, *, ask: Exchange, memory: AccountMemory) -> None:
        self._base_url = base_url.rstrip("/")
        self._corp_id, self._secret = corp_id, secret
        self._ask, self._tokens = ask, memory.tokens
        self.key = key_of("wecom", self._base_url, corp_id, secret)

    async def post(self, path: str, body: object) -> Reply:
        """Asks with a token; one that is refused before its time is renewed, once."""
        reply, token = await self._with_token(path, body)
        if token is None or reply.number("errcode") not in TOKEN_REFUSED:
            return reply
        self._tokens.forget(self.key, token)
        reply, _ = await self._with_token(path, body)
        return reply

    async def _with_token(self, path: str, body: object) -> tuple[Reply, str | None]:
        token = await self._tokens.get(self.key, self._fetch)
        if isinstance(token, Outcome):
            return Reply(failure=token), None
        url = f"{self._base_url}{path}?{urlencode({'access_token': token})}"
        return await ask_json(self._ask, json_request("POST", url, body)), token

    async def _fetch(self) -> AccessToken | Outcome:
        query = urlencode({"corpid": self._corp_id, "corpsecret": self._secret})
        reply = await ask_json(self._ask, json_request("GET", f"{self._base_url}/cgi-bin/gettoken?{query}"))
        token, lifetime = reply.data.get("access_token"), reply.number("expires_in")
        if reply.number("errcode") == 0 and isinstance(token, str) and token and lifetime:
            return AccessToken(token, float(lifetime))
        failed = failure_of(reply) or Outcome(
            "retryable", "malformed_answer", "There is no access token in the answer."
        )
        # Whatever became of this call, no message was in it.
        return Outcome("retryable", failed.code, failed.detail, retry_after=failed.retry_after)


def failure_of(reply: Reply) -> Outcome | None:
    """Why the call did not succeed, or None."""
    if reply.failure is not None:
        return reply.failure
    code = reply.number("errcode")
    if code is None:
        return reply.by_status or Outcome("unknown", "malformed_answer", "There is no errcode in the answer.")
    if code == 0:
        return None
    stable, detail = f"wecom_{code}", reply.text("errmsg")
    if code in TOO_FAST:
        return Outcome("retryable", stable, detail, retry_after=reply.retry_after or _WAIT_WHEN_TOO_FAST)
    if code in _LATER:
        return Outcome("retryable", stable, detail, retry_after=reply.retry_after)
    if code in _ADDRESS_GONE:
        return Outcome("rejected", "address_gone", f"{stable} {detail}", invalid_address=True)
    return Outcome("rejected", stable, detail)
