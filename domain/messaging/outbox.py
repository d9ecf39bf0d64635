"""Notices on their way out, in PostgreSQL: claimed with a lease, locked while they are sent, settled afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.customers.addresses import open_address
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.ledger.dispute_store import disputed_amounts
from domain.ledger.rules.disputing import effective_disputed
from domain.messaging import listing, store
from domain.messaging.model import Notice, NoticeReceivable
from domain.messaging.rules.sending import DebtNow, FactsAtSending
from domain.storage.bulk import update_rows
from domain.storage.doors import tenants_through
from domain.storage.transaction import sql

# Longer than the moment between claiming and locking. While a sender lives it holds the rows locked, however slow its channel
# is, and expired rows that are locked are left alone; so this is how soon a dead sender's notices are told as unknown.
LEASE = timedelta(seconds=10)
_MOST_TENANTS = 100

_LISTED = ", ".join(f"l.{name} as l_{name}" for name in listing.COLUMNS)
_KEYS = {"tenant_id": "text", "id": "text"}
_SETTLED = {
    "state": "text",
    "reason": "text",
    "attempt_count": "integer",
    "next_attempt_at": "timestamptz",
    "sent_at": "timestamptz",
    "version": "integer",
    "leased_until": "timestamptz",
}


async def claim(ctx: Context, channels: list[str], limit: int) -> tuple[list[str], datetime]:
    """Takes due notices, oldest first, as `sending`; answers their ids and the lease that proves the claim."""
    leased_until = SystemClock().now() + LEASE
    rows = await sql(ctx).fetch(
        """
        with due as (
          select id from notices where tenant_id = $1 and next_attempt_at <= $2 and channel = any($3)
          order by next_attempt_at, id limit $4 for update skip locked)
        update notices n set state = 'sending', next_attempt_at = null, leased_until = $5,
          attempt_count = n.attempt_count + 1, version = n.version + 1
        from due where n.tenant_id = $1 and n.id = due.id returning n.id
        """,
        ctx.tenant_id,
        ctx.now(),
        channels,
        limit,
        leased_until,
    )
    return [row["id"] for row in rows], leased_until


async def lock_claimed(ctx: Context, ids: list[str], leased_until: datetime) -> list[tuple[Notice, FactsAtSending]]:
    """Notices still claimed under this lease with the facts of this moment, all locked until the transaction ends.

    Receivables and contacts are locked FOR SHARE: a payment or an opt-out committed before is seen, one that comes now
    waits. A notice that names several receivables looks at each.
    Receivables are taken in the order in which payments settle them, so that the two seldom deadlock.
    """
    rows = await sql(ctx).fetch(
        f"""
        select {store.NOTICE}, r.id as debt_id, r.open_amount as open_now,
          case when not r.due_on_is_provisional then r.due_on end as due_now, {_LISTED}
        from notices n
        left join notice_receivables l on n.receivable_count > 1 and l.tenant_id = n.tenant_id and l.notice_id = n.id
        join receivables r on r.tenant_id = n.tenant_id and r.id = coalesce(l.receivable_id, n.receivable_id)
        where n.tenant_id = $1 and n.id = any($2) and n.state = 'sending' and n.leased_until = $3
        order by r.due_on, r.id, n.id for update of n for share of r
        """,
        ctx.tenant_id,
        ids,
        leased_until,
    )
    # A statement of its own, after the lock: a dispute is opened under the receivable's lock, and one committed before is seen.
    disputed = await disputed_amounts(ctx, list({row["debt_id"] for row in rows}))
    contacts = await _lock_contacts(ctx, {row["contact_id"] for row in rows})
    notice_of = store.notice_of(ctx)
    by_notice: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_notice[row["id"]].append(row)
    return [
        (
            replace(notice_of(debts[0]), receivables=_named(debts)),
            _facts(ctx, debts, disputed, contacts.get(debts[0]["contact_id"])),
        )
        for debts in by_notice.values()
    ]


async def settle(ctx: Context, notices: list[Notice]) -> None:
    """Stores what became of notices in one statement."""
    rows = [
        (ctx.tenant_id, n.id, n.state, n.reason, n.attempt_count, n.next_attempt_at, n.sent_at, n.version, None)
        for n in notices
    ]
    await update_rows(sql(ctx), "notices", _KEYS, _SETTLED, rows)


async def give_back(ctx: Context, ids: list[str], leased_until: datetime) -> None:
    """Queues claimed notices again as if they had never been claimed; only when nothing can have left."""
    await sql(ctx).execute(
        """
        update notices set state = 'queued', next_attempt_at = $4, leased_until = null,
          attempt_count = attempt_count - 1, version = version + 1
        where tenant_id = $1 and id = any($2) and state = 'sending' and leased_until = $3
        """,
        ctx.tenant_id,
        ids,
        leased_until,
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


async def _lock_contacts(ctx: Context, ids: set[str]) -> dict[str, Any]:
    rows = await sql(ctx).fetch(
        """
        select id, sealed_email, opted_out_channels from contacts where tenant_id = $1 and id = any($2) order by id for share
        """,
        ctx.tenant_id,
        list(ids),
    )
    return {row["id"]: row for row in rows}


def _facts(ctx: Context, debts: Sequence[Any], disputed: Mapping[str, Decimal], contact: Any) -> FactsAtSending:
    now = [_debt_now(row, disputed) for row in debts]
    return FactsAtSending(
        open_amount=now[0].open_amount,
        disputed_amount=now[0].disputed_amount,
        due_on=now[0].due_on,
        debts={one.receivable_id: one for one in now},
        address=open_address(ctx, contact["id"], "email", contact["sealed_email"]) if contact else None,
        opted_out_channels=tuple(contact["opted_out_channels"]) if contact else (),
    )


def _debt_now(row: Any, disputed: Mapping[str, Decimal]) -> DebtNow:
    return DebtNow(
        receivable_id=row["debt_id"],
        open_amount=row["open_now"],
        disputed_amount=effective_disputed(disputed.get(row["debt_id"], Decimal(0)), row["open_now"]),
        due_on=row["due_now"],
    )


def _named(debts: Sequence[Any]) -> list[NoticeReceivable]:
    """What the notice names, if that are several: the columns of that table are told apart by their prefix."""
    if debts[0]["receivable_count"] == 1:
        return []
    rows = [{name: row[f"l_{name}"] for name in listing.COLUMNS} for row in debts]
    rows.sort(key=lambda row: (row["due_on"], row["receivable_id"]))
    return [listing.receivable_of(row, debts[0]["currency"]) for row in rows]
