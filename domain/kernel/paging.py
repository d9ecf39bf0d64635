"""Keyset paging: a page starts after the last key that the caller has seen, so its cost does not grow with the page number."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from domain.kernel.errors import InvalidInput

MAX_LIMIT = 200
DEFAULT_LIMIT = 50

Item = TypeVar("Item")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many rows at most, after which key (None: from the start)."""

    limit: int = DEFAULT_LIMIT
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidInput.at("limit", "limit_out_of_range", f"limit is between 1 and {MAX_LIMIT}.")

    def number_after(self, *, start: int = 0, digits: int = 9) -> int:
        """The key of a list that is keyed by numbers of at most `digits` digits; `start` if it is read from its beginning."""
        if self.after is None:
            return start
        if not (self.after.isascii() and self.after.isdecimal() and len(self.after) <= digits):
            raise InvalidInput.at("cursor", "malformed_cursor", "The cursor is not one that this API gave.")
        return int(self.after)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page; `next_key` is the key to continue after, or None at the end."""

    items: list[Item]
    next_key: str | None


def page_of(
    rows: Sequence[Row], request: PageRequest, key: Callable[[Row], str], make: Callable[[Row], Item]
) -> Page[Item]:
    """A page out of `limit + 1` fetched rows: the extra row only tells that there are more."""
    kept = rows[: request.limit]
    more = len(rows) > request.limit
    return Page([make(row) for row in kept], key(kept[-1]) if more else None)


def encode_cursor(key: str | None, binding: str) -> str | None:
    """An opaque cursor that is only good for the list it came from; `binding` names list and filters."""
    if key is None:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode([key, binding])).decode().rstrip("=")


def decode_cursor(cursor: str | None, binding: str) -> str | None:
    """The key inside a cursor; raises InvalidInput if it is not a cursor of this list with these filters."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key, bound = msgspec.json.decode(raw, type=tuple[str, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as malformed:
        raise InvalidInput.at("cursor", "malformed_cursor", "The cursor is not one that this API gave.") from malformed
    if bound != binding or "\x00" in key:
        raise InvalidInput.at(
            "cursor", "cursor_of_another_list", "The cursor belongs to another list or other filters."
        )
    return key


def as_json(value: Any) -> str:
    """JSON as text, for jsonb parameters."""
    return msgspec.json.encode(value).decode()
