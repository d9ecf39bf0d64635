"""Authorization codes (RFC 6749 section 4.1.2)."""

from __future__ import annotations

import secrets

from domain.kernel.context import Context
from domain.storage.transaction import sql


async def add_code(
    ctx: Context, *, client_id: str, user_id: str, redirect_uri: str, scopes: frozenset[str], code_challenge: str
) -> str:
    """A fresh code for the user's consent, in the open transaction."""
    sql(ctx)
    return secrets.token_urlsafe(32)
