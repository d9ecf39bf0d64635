"""What was paid early, in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from domain.kernel.context import Context
from domain.ledger.model import Held, Payment, Settlement
from domain.ledger.rules.early_payment import counts_until, is_in_time
from domain.storage.transaction import sql


async def paid_in_time(ctx: Context, source: Settlement, held: Iterable[Held]) -> dict[str, Decimal]:
    """The principal that payments received in time settle, by receivable id, of those whose discount `source` bears on.

    One statement for all; none where there is no such receivable, as with every credit note.
    """
    if not isinstance(source, Payment):
        return {}
    told = [h.receivable for h in held if is_in_time(h.receivable, source.received_on)]
    if not told:
        return {}
    rows = await sql(ctx).fetch(
        """
        select e.receivable_id, -sum(e.amount) as paid
        from unnest($2::text[], $3::date[]) as u (receivable_id, until)
          join entries e on e.tenant_id = $1 and e.receivable_id = u.receivable_id
          join allocations a on a.tenant_id = $1 and a.id = e.allocation_id
          join payments p on p.tenant_id = $1 and p.id = a.payment_id
        where e.kind in ('allocation', 'allocation_reversal') and e.component = 'principal' and p.received_on <= u.until
        group by e.receivable_id
        """,
        ctx.tenant_id,
        [r.id for r in told],
        [counts_until(r) for r in told],
    )
    return {r.id: Decimal(0) for r in told} | {row["receivable_id"]: row["paid"] for row in rows}


async def taken_on(ctx: Context, receivable_ids: Sequence[str]) -> dict[str, date]:
    """The day on which each of these receivables took its discount last; none asked for, no statement."""
    if not receivable_ids:
        return {}
    rows = await sql(ctx).fetch(
        "select receivable_id, max(effective_on) from entries"
        " where tenant_id = $1 and receivable_id = any($2) and kind = 'discount' group by 1",
        ctx.tenant_id,
        receivable_ids,
    )
    return dict(rows)
