"""What a tenant's time has still to bring: whether something is due, and when the next thing will be."""

from __future__ import annotations

from datetime import datetime

from domain.kernel.context import Context
from domain.messaging.providers import silent_providers
from domain.storage.transaction import reading

# Notices that wait for the integrator are nothing that we do.
_OURS = """not exists (select 1 from channel_accounts a where a.tenant_id = $1 and a.channel = n.channel and a.state = 'active'
  and a.provider = any({place}))"""

_NEXT = f"""
select min(at) from (
  select min(next_action_at) as at from cases where tenant_id = $1 and next_action_at is not null
  union all select min(next_attempt_at) from notices n where tenant_id = $1 and next_attempt_at is not null
    and {_OURS.format(place="$2")}
  union all select min(overdue_at) from receivables where tenant_id = $1 and overdue_at is not null
  union all select min(due_at) from planned_collections where tenant_id = $1 and due_at is not null
) upcoming
"""

_BUSY = f"""
select exists (select 1 from cases where tenant_id = $1 and next_action_at is not null and next_action_at <= $2)
  or exists (select 1 from notices n where tenant_id = $1 and next_attempt_at is not null and next_attempt_at <= $2
    and {_OURS.format(place="$3")})
  or exists (select 1 from notices where tenant_id = $1 and leased_until is not null)
  or exists (select 1 from receivables where tenant_id = $1 and overdue_at is not null and overdue_at <= $2)
  or exists (select 1 from planned_collections where tenant_id = $1 and due_at is not null and due_at <= $2)
  or exists (select 1 from event_streams where tenant_id = $1 and reacted_sequence < last_sequence)
"""


async def next_instant(ctx: Context) -> datetime | None:
    """The next instant at which something falls due for this tenant, None if nothing is scheduled."""
    async with reading(ctx) as tx:
        instant: datetime | None = await tx.fetchval(_NEXT, ctx.tenant_id, silent_providers())
        return instant


async def is_idle(ctx: Context) -> bool:
    """Whether nothing is due now, by committed facts: what another worker has in hand still counts as due."""
    async with reading(ctx) as tx:
        return not await tx.fetchval(_BUSY, ctx.tenant_id, ctx.now(), silent_providers())
