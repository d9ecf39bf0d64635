"""Contact addresses at rest: sealed with the tenant's keys for their row, and found again through a keyed hash."""

from __future__ import annotations

import msgspec

from domain.customers.model import InvalidAddress
from domain.kernel.context import Context

TABLE = "contacts"


def seal_address(ctx: Context, contact_id: str, field: str, address: str | None) -> bytes | None:
    """The contact's `email` or `phone` as it is stored; None stays None."""
    return None if address is None else ctx.keys.seal(address.encode(), TABLE, contact_id, field)


def open_address(ctx: Context, contact_id: str, field: str, sealed: bytes | None) -> str | None:
    """The address itself; None stays None."""
    return None if sealed is None else ctx.keys.open(sealed, TABLE, contact_id, field).decode()


def email_hash(ctx: Context, email: str | None) -> bytes | None:
    """What finds a mailbox again; mail systems do not tell upper from lower case, whatever RFC 5321 section 2.4 allows."""
    return None if email is None else ctx.keys.search_hash(email.strip().lower())


def invalid_addresses(stored: str) -> list[InvalidAddress]:
    """What a contact's row says of addresses that take no messages."""
    return [] if stored == "[]" else msgspec.json.decode(stored, type=list[InvalidAddress])


def invalid_channels(stored: str) -> tuple[str, ...]:
    """The channels whose address takes no messages."""
    return tuple(invalid.channel for invalid in invalid_addresses(stored))
