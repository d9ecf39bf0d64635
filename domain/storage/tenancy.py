"""Whether a tenant may act at this moment, asked under a lock and not of a memory."""

from __future__ import annotations

from domain.kernel.context import Context
from domain.storage.transaction import sql


async def wait_for_sends(ctx: Context) -> None:
    """Waits until what leaves the house for the tenant at this moment has left; what comes later waits for the open transaction."""
    await sql(ctx).fetchval("select id from tenants where id = $1 for no key update", ctx.tenant_id)


async def hold_active(ctx: Context) -> bool:
    """Whether the tenant is active; if it is, a suspension waits until the open transaction ends.

    Settings are remembered for seconds (access/profile.py). What leaves the house asks here: a suspension that has committed
    is always seen.
    """
    active = await sql(ctx).fetchval("select status = 'active' from tenants where id = $1 for share", ctx.tenant_id)
    return bool(active)
