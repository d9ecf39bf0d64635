"""Notices about to leave, and the facts that they are checked against, all locked until the transaction ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.customers.addresses import invalid_channels, open_for_channel
from domain.kernel.context import Context
from domain.ledger.dispute_store import disputed_amounts
from domain.ledger.rules.disputing import effective_disputed
from domain.messaging import listing, store
from domain.messaging.contact_policy_store import VERSION
from domain.messaging.model import Notice, NoticeReceivable
from domain.messaging.outbox import Lease
from domain.messaging.rules.sending import DebtNow, FactsAtSending
from domain.storage.query_plans import look_up_by_index
from domain.storage.transaction import sql

# Nothing is sent for a plan that is paused or only tried; what was queued before is decided again afterwards.
_PLAN_OBJECTION = """(
  select case when p.paused_at is not null then 'plan_paused' when p.mode = 'shadow' then 'shadow_mode' end
  from cases k join reminder_plans p on p.tenant_id = k.tenant_id and p.id = k.plan_id
  where k.tenant_id = n.tenant_id and k.id = n.case_id)"""
_LISTED = ", ".join(f"l.{name} as l_{name}" for name in listing.COLUMNS)


async def lock_claimed(ctx: Context, ids: list[str], leased_until: Lease) -> list[tuple[Notice, FactsAtSending]]:
    """Notices still claimed under this lease with the facts of this moment, all locked until the transaction ends.

    Receivables, customers and contacts are locked FOR SHARE: a payment, a hold or an opt-out committed before is seen, one that comes
    now waits. A notice that names several receivables looks at each. Receivables are taken in the order in which payments settle them,
    so that the two seldom deadlock.
    """
    return await _lock_with_facts(ctx, "n.state = 'sending' and n.leased_until = $5", ids, leased_until)


async def lock_proposed(ctx: Context, ids: list[str]) -> list[tuple[Notice, FactsAtSending]]:
    """Notices that wait for their release, with the facts of this moment, all locked as above."""
    return await _lock_with_facts(ctx, "n.state = 'proposed'", ids)


async def lock_offered(ctx: Context, ids: list[str]) -> list[tuple[Notice, FactsAtSending]]:
    """Notices that wait for an integrator or are in its hands, with the facts of this moment, all locked as above."""
    return await _lock_with_facts(ctx, "n.offered_at is not null", ids)


async def _lock_with_facts(
    ctx: Context, which: str, ids: list[str], *arguments: Any
) -> list[tuple[Notice, FactsAtSending]]:
    await look_up_by_index(ctx)
    rows = await sql(ctx).fetch(
        f"""
        select {store.NOTICE}, r.id as debt_id, r.open_amount as open_now,
          case when not r.due_on_is_provisional then r.due_on end as due_now, {_LISTED},
          greatest(r.held_until, cu.held_until) > $3 as on_hold, coalesce(cu.time_zone, $4) as time_zone,
          coalesce(cu.country, (select country from tenants where id = $1)) as country, {VERSION} as policy_version,
          {_PLAN_OBJECTION} as plan_objection
        from notices n
        left join notice_receivables l on n.receivable_count > 1 and l.tenant_id = n.tenant_id and l.notice_id = n.id
        join receivables r on r.tenant_id = n.tenant_id and r.id = coalesce(l.receivable_id, n.receivable_id)
        join customers cu on cu.tenant_id = n.tenant_id and cu.id = n.customer_id
        where n.tenant_id = $1 and n.id = any($2) and {which}
        order by r.due_on, r.id, n.id for update of n for share of r, cu
        """,
        *(ctx.tenant_id, ids, ctx.now(), ctx.time_zone, *arguments),
    )
    # A statement of its own, after the lock: a dispute is opened under the receivable's lock, and one committed before is seen.
    disputed = await disputed_amounts(ctx, list({row["debt_id"] for row in rows}))
    contacts = await _lock_contacts(ctx, {row["contact_id"] for row in rows} - {None})
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


def _facts(ctx: Context, debts: Sequence[Any], disputed: Mapping[str, Decimal], contact: Any) -> FactsAtSending:
    now, row = [_debt_now(one, disputed) for one in debts], debts[0]
    return FactsAtSending(
        open_amount=now[0].open_amount,
        disputed_amount=now[0].disputed_amount,
        due_on=now[0].due_on,
        debts={one.receivable_id: one for one in now},
        address=open_for_channel(ctx, contact, row["channel"]) if contact else None,
        opted_out_channels=tuple(contact["opted_out_channels"]) if contact else (),
        is_on_hold=any(one["on_hold"] for one in debts),
        is_third_party=contact is not None and contact["role"] == "third_party",
        time_zone=(contact and contact["time_zone"]) or row["time_zone"],
        country=row["country"],
        policy_version=row["policy_version"],
        plan_objection=row["plan_objection"],
        invalid_channels=invalid_channels(contact["invalid_addresses"]) if contact else (),
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
