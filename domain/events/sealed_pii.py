"""Addresses in events: `data` holds them masked, and what was masked lies sealed beside it.

Whatever reads an event without a thought for addresses (a webhook, a query, an export, a copy of the database) reads masks.
"""

from __future__ import annotations

from typing import Any

import msgspec

from domain.kernel.context import Context
from domain.kernel.pii import Pointers, put_back, taken_out

_encode = msgspec.json.Encoder().encode
_decode_pointers = msgspec.json.Decoder(Pointers).decode


def masked_and_sealed(ctx: Context, event_id: str, data: dict[str, Any]) -> tuple[bytes, bytes | None]:
    """An event's data as it is stored: JSON with masks, in UTF-8, and the addresses by JSON pointer, sealed; None if there are none."""
    shown, addresses = taken_out(data)
    sealed = ctx.keys.seal(_encode(addresses), *place(event_id)) if addresses else None
    return _encode(shown), sealed


def with_addresses(ctx: Context, event_id: str, data: str, sealed: bytes | None) -> dict[str, Any]:
    """An event's data with its addresses; only for a reader who may see them."""
    shown: dict[str, Any] = msgspec.json.decode(data)
    return shown if sealed is None else put_back(shown, addresses_of(ctx, event_id, sealed))


def addresses_of(ctx: Context, event_id: str, sealed: bytes) -> Pointers:
    """The addresses of an event by JSON pointer."""
    return _decode_pointers(ctx.keys.open(sealed, *place(event_id)))


def place(event_id: str) -> tuple[str, str, str]:
    """Where an event's addresses belong, which their sealing is bound to."""
    return "events", event_id, "pii"
