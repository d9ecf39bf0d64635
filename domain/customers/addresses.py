"""Contact addresses at rest: sealed with the tenant's keys for their row, and found again through a keyed hash."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.customers.model import InvalidAddress
from domain.kernel.context import Context
from domain.kernel.phones import PHONE_CHANNELS, PHONE_PLACE, phone_digits

TABLE = "contacts"
_decode = msgspec.json.Decoder(dict[str, str]).decode


def seal_address(ctx: Context, contact_id: str, field: str, address: str | None) -> bytes | None:
    """The contact's `email` or `phone` as it is stored; None stays None."""
    return None if address is None else ctx.keys.seal(address.encode(), TABLE, contact_id, field)


def open_address(ctx: Context, contact_id: str, field: str, sealed: bytes | None) -> str | None:
    """The address itself; None stays None."""
    return None if sealed is None else ctx.keys.open(sealed, TABLE, contact_id, field).decode()


def seal_addresses(ctx: Context, contact_id: str, addresses: dict[str, str]) -> bytes | None:
    """The contact's addresses by channel as they are stored; None where there are none."""
    return ctx.keys.seal(msgspec.json.encode(addresses), TABLE, contact_id, "addresses") if addresses else None


def open_addresses(ctx: Context, contact_id: str, sealed: bytes | None) -> dict[str, str]:
    """The addresses by channel."""
    return {} if sealed is None else _decode(ctx.keys.open(sealed, TABLE, contact_id, "addresses"))


def open_for_channel(ctx: Context, row: Any, channel: str) -> str | None:
    """Where a channel reaches a contact, given its row with id, sealed_email, sealed_phone and sealed_addresses.

    None where it does not. Nothing is opened that is not asked for.
    """
    if channel == "email":
        return open_address(ctx, row["id"], "email", row["sealed_email"])
    address = open_addresses(ctx, row["id"], row["sealed_addresses"]).get(channel)
    if address is None and channel in PHONE_CHANNELS:
        return open_address(ctx, row["id"], "phone", row["sealed_phone"])
    return address


def email_hash(ctx: Context, email: str | None) -> bytes | None:
    """What finds a mailbox again; mail systems do not tell upper from lower case, whatever RFC 5321 section 2.4 allows."""
    return None if email is None else ctx.keys.search_hash(email.strip().lower())


def address_hash(ctx: Context, channel: str, address: str) -> bytes:
    """What finds any other address again; a phone number is the same for all channels that use one, however it is written."""
    if channel in PHONE_CHANNELS:
        return ctx.keys.search_hash(f"{PHONE_PLACE}:{phone_digits(address)}")
    return ctx.keys.search_hash(f"{channel}:{address.strip()}")


def invalid_addresses(stored: str) -> list[InvalidAddress]:
    """What a contact's row says of addresses that take no messages."""
    return [] if stored == "[]" else msgspec.json.decode(stored, type=list[InvalidAddress])


def invalid_channels(stored: str) -> tuple[str, ...]:
    """The channels whose address takes no messages."""
    return tuple(invalid.channel for invalid in invalid_addresses(stored))
