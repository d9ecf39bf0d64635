"""When customers were contacted: by notices, and by people who wrote down a call, a visit, a letter or a message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from zlib import crc32

from domain.kernel.context import Context
from domain.messaging.rules.contact_policy import Contacted
from domain.storage.transaction import sql

_GROUPS = 64

History = dict[str, list[Contacted]]

# A notice that is queued has contacted nobody yet, but it will: whoever decides over the next one counts it, whoever sends does not.
_NOT_CONTACTED: dict[str, list[str]] = {
    "deciding": ["cancelled", "failed"],
    "sending": ["cancelled", "failed", "proposed", "queued", "sending"],
}
_CONTACTS = """
  select wanted.id as customer_id, c.at, c.channel, c.contact_id from unnest($2::text[]) as wanted(id)
  cross join lateral (
    select coalesce(sent_at, next_attempt_at, created_at) as at, channel, contact_id from notices
    where tenant_id = $1 and customer_id = wanted.id and audience = 'customer' and coalesce(sent_at, next_attempt_at, created_at) > $3
      and state <> all ($4::text[])
    union all
    select occurred_at, kind, null from activities
    where tenant_id = $1 and customer_id = wanted.id and occurred_at > $3 and kind in ('call', 'visit', 'letter', 'message')
      and recorded_by <> 'engine'
  ) c
"""


async def take_turns(ctx: Context, what: Literal["deciding", "sending"], customer_ids: Collection[str]) -> None:
    """Whoever else decides, or sends, for one of these customers waits until the open transaction ends: caps would leak else.

    Taken in one order, so that two who want the same ones do not wait in a circle. Who decides has hundreds of customers in hand,
    more locks than PostgreSQL has room for, so those are told apart by groups.
    """
    turns = customer_ids if what == "sending" else {str(crc32(one.encode()) % _GROUPS) for one in customer_ids}
    await sql(ctx).execute(
        "select pg_advisory_xact_lock(hashtextextended($1 || turn, 0)) from unnest($2::text[]) as wanted(turn)",
        f"contact:{what}:{ctx.tenant_id}:",
        sorted(turns),
    )


async def history_of(
    ctx: Context, what: Literal["deciding", "sending"], customer_ids: Sequence[str], since: datetime
) -> History:
    """Each customer's contacts after `since`, in no order, in one statement."""
    rows = await sql(ctx).fetch(_CONTACTS, ctx.tenant_id, list(customer_ids), since, _NOT_CONTACTED[what])
    found: History = {customer_id: [] for customer_id in customer_ids}
    for row in rows:
        contacted = Contacted(
            at=row["at"], channel=row["channel"], contact_id=row["contact_id"], is_manual=row["contact_id"] is None
        )
        found[row["customer_id"]].append(contacted)
    return found
