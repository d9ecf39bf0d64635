"""Signing secrets of webhook endpoints at rest: sealed with the tenant's keys, the oldest ones with the server's."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag

from domain.kernel.context import Context
from domain.storage.sealing import sealer

TABLE = "webhook_endpoints"


def seal_secret(ctx: Context, endpoint_id: str, secret: str) -> bytes:
    """The secret as it is stored."""
    return ctx.keys.seal(secret.encode(), TABLE, endpoint_id, "secret")


def open_secret(ctx: Context, endpoint_id: str, sealed: bytes) -> str:
    """The secret; raises cryptography's InvalidTag if it is another endpoint's."""
    try:
        return ctx.keys.open(sealed, TABLE, endpoint_id, "secret").decode()
    except InvalidTag:
        # Sealed before tenants had keys of their own; `dunwell keys reseal` leaves none of these.
        return sealer().open(sealed, ctx.tenant_id, TABLE, endpoint_id).decode()
