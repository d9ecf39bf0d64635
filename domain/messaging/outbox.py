"""Notices on their way out, in PostgreSQL: claimed with a lease, locked while they are sent, settled afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.messaging import listing, store
from domain.messaging.account_model import AccountRef
from domain.messaging.model import Notice
from domain.messaging.providers import silent_providers
from domain.storage.bulk import update_rows
from domain.storage.doors import tenants_through
from domain.storage.transaction import sql

# Longer than the moment between claiming and locking. While a sender lives it holds the rows locked, however slow its channel
# is, and expired rows that are locked are left alone; so this is how soon a dead sender's notices are told as unknown.
LEASE = timedelta(seconds=10)
_MOST_TENANTS = 100

_KEYS = {"tenant_id": "text", "id": "text"}
_SETTLED = {
    "state": "text",
    "reason": "text",
    "attempt_count": "integer",
    "next_attempt_at": "timestamptz",
    "sent_at": "timestamptz",
    "bounced_at": "timestamptz",
    "version": "integer",
    "leased_until": "timestamptz",
    "provider_message_id": "text",
    "channel_account_id": "text",
}
Lease = datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that is ours to send, and the account of its channel; None where the tenant has none."""

    id: str
    channel: str
    account: AccountRef | None


async def claim(ctx: Context, limit: int) -> tuple[list[Claimed], Lease]:
    """Takes due notices, oldest first, as `sending`; answers them with their accounts, and the lease that proves the claim.

    Notices of a channel whose account sends nothing itself are left for the integrator, and those whose letter has still to be made alone.
    """
    leased_until = SystemClock().now() + LEASE
    rows = await sql(ctx).fetch(
        """
        with due as (
          select n.id, n.channel from notices n where n.tenant_id = $1 and n.next_attempt_at <= $2
            and (n.letter_number is null or n.letter_sha256 is not null)
            and not exists (select 1 from channel_accounts a where a.tenant_id = $1 and a.channel = n.channel
              and a.state = 'active' and a.provider = any($3))
          order by n.next_attempt_at, n.id limit $4 for update of n skip locked)
        update notices n set state = 'sending', next_attempt_at = null, leased_until = $5,
          attempt_count = n.attempt_count + 1, version = n.version + 1
        from due left join channel_accounts a on a.tenant_id = $1 and a.channel = due.channel and a.state = 'active'
        where n.tenant_id = $1 and n.id = due.id
        returning n.id, n.channel, a.id as account_id, a.version as account_version, a.provider, a.messages_per_minute
        """,
        ctx.tenant_id,
        ctx.now(),
        silent_providers(),
        limit,
        leased_until,
    )
    return [_claimed(row) for row in rows], leased_until


async def settle(ctx: Context, notices: list[Notice]) -> None:
    """Stores what became of notices in one statement."""
    rows = [
        (
            *(ctx.tenant_id, n.id, n.state, n.reason, n.attempt_count, n.next_attempt_at, n.sent_at, n.bounced_at),
            *(n.version, None, n.provider_message_id, n.channel_account_id),
        )
        for n in notices
    ]
    await update_rows(sql(ctx), "notices", _KEYS, _SETTLED, rows)


async def give_back(ctx: Context, ids: Sequence[str], leased_until: Lease, *, at: datetime | None = None) -> None:
    """Queues claimed notices again as if they had never been claimed, to be sent now or `at`; only when nothing can have left."""
    await sql(ctx).execute(
        """
        update notices set state = 'queued', next_attempt_at = $4, leased_until = null,
          attempt_count = attempt_count - 1, version = version + 1
        where tenant_id = $1 and id = any($2) and state = 'sending' and leased_until = $3
        """,
        ctx.tenant_id,
        list(ids),
        leased_until,
        at or ctx.now(),
    )


async def look_again_at_postponed(ctx: Context) -> None:
    """Has the sender ask again for notices that the contact policy keeps back."""
    await sql(ctx).execute(
        "update notices set next_attempt_at = $2, version = version + 1"
        " where tenant_id = $1 and next_attempt_at > $2 and reason is not null",
        ctx.tenant_id,
        ctx.now(),
    )


async def lock_expired(ctx: Context, limit: int) -> list[Notice]:
    """Notices whose sender has died: the lease ran out and nobody holds the row."""
    rows = await sql(ctx).fetch(
        f"""
        select {store.NOTICE} from notices n where n.tenant_id = $1 and n.leased_until < $2
        order by n.leased_until limit $3 for update skip locked
        """,
        ctx.tenant_id,
        SystemClock().now(),
        limit,
    )
    return await listing.with_receivables(ctx, list(map(store.notice_of(ctx), rows)))


async def tenants_with_due_notices(at: datetime) -> list[str]:
    """Tenants for which something is to be sent at `at`, those on a test clock by their own clock."""
    return await tenants_through("door_tenants_with_due_notices", at, _MOST_TENANTS)


async def tenants_with_expired_sends(at: datetime) -> list[str]:
    """Tenants that have notices whose sender died before `at`, which is real time."""
    return await tenants_through("door_tenants_with_expired_sends", at, _MOST_TENANTS)


def _claimed(row: Any) -> Claimed:
    if row["account_id"] is None:
        return Claimed(row["id"], row["channel"], None)
    account = AccountRef(row["account_id"], row["account_version"], row["provider"], row["messages_per_minute"])
    return Claimed(row["id"], row["channel"], account)
