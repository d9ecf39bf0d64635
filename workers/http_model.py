"""What providers of channels are asked over HTTP, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

MAX_ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request. Its URL and headers may hold secrets: neither is ever logged. `timeout` is in seconds."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeout: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A status with its body, or the stable code of what went wrong.

    `left` says whether the other side may have the request: without it, asking again repeats nothing.
    """

    status: int | None
    left: bool
    error: str | None = None
    retry_after: str | None = None
    body: bytes = b""


class Asker(Protocol):
    """Asks within a bounded time; failures of the network are told in the answer, not raised."""

    async def __call__(self, request: HttpRequest, /) -> HttpAnswer:
        """Asks and returns the answer."""
        ...
