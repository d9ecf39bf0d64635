"""Notices on their way out, in PostgreSQL: claimed with a lease, locked while they are sent, settled afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.customers.addresses import invalid_channels, open_for_channel
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.ledger.dispute_store import disputed_amounts
from domain.ledger.rules.disputing import effective_disputed
from domain.messaging import store
from domain.messaging.account_model import AccountRef
from domain.messaging.contact_policy_store import VERSION
from domain.messaging.model import Notice
from domain.messaging.providers import silent_providers
from domain.messaging.rules.sending import FactsAtSending
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
# Nothing is sent for a plan that is paused or only tried; what was queued before is decided again afterwards.
_PLAN_OBJECTION = """(
  select case when p.paused_at is not null then 'plan_paused' when p.mode = 'shadow' then 'shadow_mode' end
  from cases k join reminder_plans p on p.tenant_id = k.tenant_id and p.id = k.plan_id
  where k.tenant_id = n.tenant_id and k.id = n.case_id)"""
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


async def lock_claimed(ctx: Context, ids: list[str], leased_until: Lease) -> list[tuple[Notice, FactsAtSending]]:
    """Notices still claimed under this lease with the facts of this moment, all locked until the transaction ends.

    Receivables, customers and contacts are locked FOR SHARE: a payment, a hold or an opt-out committed before is seen, one
    that comes now waits. Receivables are taken in the order in which payments settle them, so that the two seldom deadlock.
    """
    return await _lock_with_facts(ctx, "n.state = 'sending' and n.leased_until = $5", ids, leased_until)


async def lock_offered(ctx: Context, ids: list[str]) -> list[tuple[Notice, FactsAtSending]]:
    """Notices that wait for an integrator or are in its hands, with the facts of this moment, all locked as above."""
    return await _lock_with_facts(ctx, "n.offered_at is not null", ids)


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
    return list(map(store.notice_of(ctx), rows))


async def tenants_with_due_notices(at: datetime) -> list[str]:
    """Tenants for which something is to be sent at `at`, those on a test clock by their own clock."""
    return await tenants_through("door_tenants_with_due_notices", at, _MOST_TENANTS)


async def tenants_with_expired_sends(at: datetime) -> list[str]:
    """Tenants that have notices whose sender died before `at`, which is real time."""
    return await tenants_through("door_tenants_with_expired_sends", at, _MOST_TENANTS)


async def _lock_with_facts(
    ctx: Context, which: str, ids: list[str], *arguments: Any
) -> list[tuple[Notice, FactsAtSending]]:
    rows = await sql(ctx).fetch(
        f"""
        select {store.NOTICE}, r.open_amount as open_now,
          case when not r.due_on_is_provisional then r.due_on end as due_now,
          greatest(r.held_until, cu.held_until) > $3 as on_hold, coalesce(cu.time_zone, $4) as time_zone,
          coalesce(cu.country, (select country from tenants where id = $1)) as country, {VERSION} as policy_version,
          {_PLAN_OBJECTION} as plan_objection
        from notices n join receivables r on r.tenant_id = n.tenant_id and r.id = n.receivable_id
        join customers cu on cu.tenant_id = n.tenant_id and cu.id = n.customer_id
        where n.tenant_id = $1 and n.id = any($2) and {which}
        order by r.due_on, r.id, n.id for update of n for share of r, cu
        """,
        *(ctx.tenant_id, ids, ctx.now(), ctx.time_zone, *arguments),
    )
    # A statement of its own, after the lock: a dispute is opened under the receivable's lock, and one committed before is seen.
    disputed = await disputed_amounts(ctx, list({row["receivable_id"] for row in rows}))
    contacts = await _lock_contacts(ctx, {row["contact_id"] for row in rows} - {None})
    notice_of = store.notice_of(ctx)
    return [(notice_of(row), _facts(ctx, row, disputed, contacts.get(row["contact_id"]))) for row in rows]


async def _lock_contacts(ctx: Context, ids: set[str]) -> dict[str, Any]:
    rows = await sql(ctx).fetch(
        """
        select id, sealed_email, sealed_phone, sealed_addresses, opted_out_channels, invalid_addresses, role, time_zone
        from contacts
        where tenant_id = $1 and id = any($2) order by id for share
        """,
        ctx.tenant_id,
        list(ids),
    )
    return {row["id"]: row for row in rows}


def _facts(ctx: Context, row: Any, disputed: Mapping[str, Decimal], contact: Any) -> FactsAtSending:
    return FactsAtSending(
        open_amount=row["open_now"],
        disputed_amount=effective_disputed(disputed.get(row["receivable_id"], Decimal(0)), row["open_now"]),
        due_on=row["due_now"],
        address=open_for_channel(ctx, contact, row["channel"]) if contact else None,
        opted_out_channels=tuple(contact["opted_out_channels"]) if contact else (),
        is_on_hold=row["on_hold"] or False,
        is_third_party=contact is not None and contact["role"] == "third_party",
        time_zone=(contact and contact["time_zone"]) or row["time_zone"],
        country=row["country"],
        policy_version=row["policy_version"],
        invalid_channels=invalid_channels(contact["invalid_addresses"]) if contact else (),
        plan_objection=row["plan_objection"],
    )


def _claimed(row: Any) -> Claimed:
    if row["account_id"] is None:
        return Claimed(row["id"], row["channel"], None)
    account = AccountRef(row["account_id"], row["account_version"], row["provider"], row["messages_per_minute"])
    return Claimed(row["id"], row["channel"], account)
