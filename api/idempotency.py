"""`Idempotency-Key`: the answer to a write is stored in the transaction of its effect and replayed to every retry.

Follows draft-ietf-httpapi-idempotency-key-header-07: another request under the same key is 422, a concurrent twin is 409. Refused
requests (4xx, 5xx) had no effect and are not stored, so they may be corrected and sent again under the same key.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar.types import ASGIApp, Message, Receive, Send

from domain.access.retention import ANSWERS_KEPT_FOR
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.scopes import Scope
from domain.storage.sealing import sealer
from domain.storage.transaction import sql, transaction

_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_KEPT_HEADERS = {b"content-type", b"etag", b"location"}
_SPOOL_BYTES = 1_000_000


class _RefusedError(Exception):
    """Ends the transaction of a request that was answered with an error."""


class Idempotency:
    """ASGI middleware inside authentication: runs a keyed write and the storing of its answer in one transaction."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Replays, refuses, or runs the request."""
        key = _key_of(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        ctx: AnyContext = scope["state"]["context"]
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as body:
            fingerprint = await _spool(scope, receive, body)
            answer = _Answer()
            try:
                async with transaction(ctx):
                    stored = await _claim(ctx, key, fingerprint)
                    if stored is not None:
                        answer = stored
                    else:
                        await self.app(scope, _replaying(body), answer.collect)
                        if answer.status >= 400:
                            raise _RefusedError
                        await _store(ctx, key, fingerprint, answer)
            except _RefusedError:
                pass  # rolled back: the answer says why
        await answer.send_through(send)


class _Answer:
    """A response that was collected instead of sent."""

    def __init__(self, status: int = 0, headers: list[tuple[bytes, bytes]] | None = None, body: bytes = b"") -> None:
        self.status = status
        self.headers = headers or []
        self.body = body

    async def collect(self, message: Message) -> None:
        """Takes the place of the server's `send`."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def send_through(self, send: Send) -> None:
        """Sends the answer as one message."""
        length = (b"content-length", str(len(self.body)).encode())
        headers = [pair for pair in self.headers if pair[0].lower() != b"content-length"]
        await send({"type": "http.response.start", "status": self.status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def _key_of(scope: Any) -> str | None:
    if scope["type"] != "http" or scope["method"] not in _UNSAFE or "context" not in scope["state"]:
        return None
    for name, value in scope["headers"]:
        if name == b"idempotency-key":
            key: str = value.decode("latin-1")
            if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
                raise InvalidInput.at("Idempotency-Key", "malformed_idempotency_key", "1 to 255 printable characters.")
            return key
    return None


async def _spool(scope: Any, receive: Receive, body: Any) -> str:
    """Reads the body once, for its fingerprint; large ones go to disk."""
    digest = hashlib.sha256(f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode())
    # What was answered to a reader of addresses is no answer for a token of the same client that may not read them.
    digest.update(b"pii:read\n" if Scope.PII_READ in scope["state"]["context"].scopes else b"")
    more = True
    while more:
        message = await receive()
        chunk: bytes = message.get("body", b"")  # type: ignore[assignment]
        digest.update(chunk)
        body.write(chunk)
        more = bool(message.get("more_body", False))
    body.seek(0)
    return digest.hexdigest()


def _replaying(body: Any) -> Receive:
    async def messages() -> AsyncIterator[dict[str, Any]]:
        while chunk := body.read(_SPOOL_BYTES):
            yield {"type": "http.request", "body": chunk, "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}
        yield {"type": "http.disconnect"}

    source = messages()

    async def receive() -> Any:
        return await anext(source)

    return receive


async def _claim(ctx: AnyContext, key: str, fingerprint: str) -> _Answer | None:
    """The stored answer, if there is one; raises if the key was used for something else or its request is still running."""
    tx, owner = sql(ctx), ctx.owner_id
    locked = await tx.fetchval(
        "select pg_try_advisory_xact_lock(hashtextextended($1, 0))", f"{owner}|{ctx.actor.id}|{key}"
    )
    if not locked:
        raise Conflict("idempotency_key_in_use", "A request with this Idempotency-Key is still running.")
    row = await tx.fetchrow(
        "select fingerprint, status, headers, sealed_body from idempotency_keys"
        " where owner_id = $1 and client_id = $2 and key = $3 and created_at > $4",
        owner,
        ctx.actor.id,
        key,
        SystemClock().now() - ANSWERS_KEPT_FOR,
    )
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise InvalidInput(
            "idempotency_key_reused", "This Idempotency-Key was used for another request; take a new one."
        )
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in msgspec.json.decode(row["headers"])]
    body = sealer().open(row["sealed_body"], owner, "idempotency_keys", key)
    return _Answer(row["status"], [*headers, (b"idempotent-replayed", b"true")], body)


async def _store(ctx: AnyContext, key: str, fingerprint: str, answer: _Answer) -> None:
    owner = ctx.owner_id
    headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in answer.headers if n.lower() in _KEPT_HEADERS]
    await sql(ctx).execute(
        "delete from idempotency_keys where owner_id = $1 and client_id = $2 and key = $3", owner, ctx.actor.id, key
    )
    await sql(ctx).execute(
        "insert into idempotency_keys (owner_id, client_id, key, fingerprint, status, headers, sealed_body, created_at)"
        " values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)",
        owner,
        ctx.actor.id,
        key,
        fingerprint,
        answer.status,
        msgspec.json.encode(headers).decode(),
        sealer().seal(answer.body, owner, "idempotency_keys", key),
        SystemClock().now(),
    )
