"""Calls of providers that speak JSON over HTTP: one reading of every failure, so that each adapter says only what its codes mean.

What decides is whether the provider may have taken the message: before the request left a failure is retryable, afterwards and
without an answer that can be read it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Protocol

import msgspec

from domain.events.rules.outcome import wait_asked_for
from domain.kernel.clock import SystemClock
from domain.kernel.shapes import NOT_JSON
from domain.messaging.channel_model import Outcome
from workers.http import HttpAnswer

JSON_HEADERS = {"content-type": "application/json; charset=utf-8"}
# Statuses of an account that is set up wrongly (or blocked): the message is good, and somebody will put the account right.
_OUR_FAULT = frozenset({401, 403, 404, 407, 421})
_LATER = frozenset({408, 425, 429, 503})
_DETAIL = 300


class Exchange(Protocol):
    """`GuardedHttp.exchange`: one request within a bounded time; failures of the network are told in the answer, not raised."""

    async def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """Asks and returns the answer."""
        ...


class HoldsNothing:
    """A channel whose connections are the worker's own client's."""

    async def close(self) -> None:
        """There is nothing to give back."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. URL, headers and body may hold secrets: none is ever shown."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A provider's answer: a JSON object with its status, or the failure that came in its place.

    `by_status` is what the HTTP status alone says; None for 2xx.
    """

    data: dict[str, Any] = field(default_factory=dict)
    failure: Outcome | None = None
    by_status: Outcome | None = None
    retry_after: int | None = None

    def number(self, name: str) -> int | None:
        """A whole number of the answer, None if it is something else."""
        value = self.data.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def text(self, name: str) -> str:
        """A text of the answer of bounded length, "" if it is something else."""
        value = self.data.get(name)
        return value[:_DETAIL] if isinstance(value, str) else ""


def json_request(method: str, url: str, body: object | None = None, headers: dict[str, str] | None = None) -> Request:
    """A request with a JSON body."""
    encoded = b"" if body is None else msgspec.json.encode(body)
    return Request(method, url, JSON_HEADERS | (headers or {}), encoded)


async def ask_json(ask: Exchange, request: Request) -> Reply:
    """The answer as JSON; never raises."""
    answer = await ask(request.method, request.url, headers=request.headers, body=request.body)
    if answer.status is None or answer.error is not None:
        return Reply(failure=_broken(answer))
    wait = wait_asked_for(answer.headers.get("retry-after"), SystemClock().now())
    retry_after = ceil(wait.total_seconds()) or None
    by_status = _meaning(answer.status, retry_after)
    try:
        data = msgspec.json.decode(answer.body, type=dict[str, Any])
    except NOT_JSON:
        return Reply(failure=by_status or Outcome("unknown", "malformed_answer", "The answer is not a JSON object."))
    return Reply(data=data, by_status=by_status, retry_after=retry_after)


def _broken(answer: HttpAnswer) -> Outcome:
    code = answer.error or "no_answer"
    if answer.sent:
        return Outcome("unknown", code, "The request may have arrived, but no answer that can be read came back.")
    return Outcome("retryable", code, "The request did not leave.")


def _meaning(status: int, retry_after: int | None) -> Outcome | None:
    code, detail = f"http_{status}", f"HTTP status {status}."
    if 200 <= status < 300:
        return None
    if status in _LATER or status in _OUR_FAULT:
        return Outcome("retryable", code, detail, retry_after=retry_after)
    if status >= 500:
        return Outcome("unknown", code, detail)
    return Outcome("rejected", code, detail)
