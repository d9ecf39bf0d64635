"""What a tenant's time has still to bring: what is due now, and when the next thing will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.kernel.context import Context
from domain.messaging.providers import silent_providers
from domain.storage.transaction import fetch_one

# Every minimum is the first entry of an index. Notices that wait for the integrator are nothing that we do; those that wait for their
# letter are due once it is made.
_LOOK = """
select
  (select min(next_action_at) from cases where tenant_id = bound.tenant_id and next_action_at is not null) as cases_at,
  (select min(overdue_at) from receivables where tenant_id = bound.tenant_id and overdue_at is not null) as overdue_at,
  (select min(due_at) from planned_collections where tenant_id = bound.tenant_id and due_at is not null) as planned_at,
  (select min(ends_at) from holds where tenant_id = bound.tenant_id and state = 'active' and ends_at is not null) as holds_at,
  (select min(next_attempt_at) from notices n where tenant_id = bound.tenant_id and next_attempt_at is not null
    and (letter_number is null or letter_sha256 is not null)
    and not exists (select 1 from channel_accounts a where a.tenant_id = bound.tenant_id and a.channel = n.channel
      and a.state = 'active' and a.provider = any($2))) as notices_at,
  exists (select 1 from notices where tenant_id = bound.tenant_id and letter_number is not null and letter_sha256 is null
    and next_attempt_at is not null) as letters,
  exists (select 1 from notices where tenant_id = bound.tenant_id and leased_until is not null) as sends,
  exists (select 1 from event_streams where tenant_id = bound.tenant_id and reacted_sequence < last_sequence) as events
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """When the first thing of each kind falls due, None if nothing is scheduled; and what waits whatever the time is.

    `events` have not been reacted to, `letters` have still to be made, and `sends` are in the hands of a sender. By committed facts:
    what another worker has in hand still counts.
    """

    cases_at: datetime | None
    overdue_at: datetime | None
    planned_at: datetime | None
    holds_at: datetime | None
    notices_at: datetime | None
    letters: bool
    sends: bool
    events: bool

    @property
    def next_at(self) -> datetime | None:
        """The next instant at which something falls due."""
        scheduled = (self.cases_at, self.overdue_at, self.planned_at, self.holds_at, self.notices_at)
        return min((at for at in scheduled if at is not None), default=None)

    def is_idle(self, now: datetime) -> bool:
        """Whether nothing is due."""
        return not (self.letters or self.sends or self.events or is_due(self.next_at, now))


def is_due(at: datetime | None, now: datetime) -> bool:
    """Whether something that is scheduled has fallen due."""
    return at is not None and at <= now


async def look(ctx: Context) -> Horizon:
    """What the tenant's time has still to bring, in one statement."""
    return Horizon(**dict(await fetch_one(ctx, _LOOK, silent_providers())))


async def next_instant(ctx: Context) -> datetime | None:
    """The next instant at which something falls due for this tenant, None if nothing is scheduled."""
    return (await look(ctx)).next_at


async def is_idle(ctx: Context) -> bool:
    """Whether nothing is due now."""
    return (await look(ctx)).is_idle(ctx.now())
