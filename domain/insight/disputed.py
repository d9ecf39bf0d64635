"""What of the open amounts was disputed at the end of a day. Disputes are few, so they lead to their receivables by index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.insight.groups import GROUPS, customers_of
from domain.insight.model import AgingGroup
from domain.kernel.context import Context
from domain.storage.transaction import sql

# What was open on the day is reached from now by taking back what is dated later, as in `positions`.
_DISPUTED = """
    select r.id, r.customer_id, r.currency, r.contract_reference, least(d.amount, r.open_amount - l.moved) as amount
    from (
      select receivable_id, sum(amount) as amount from disputes
      where tenant_id = $1 and opened_on <= $2 and (resolved_on is null or resolved_on > $2) {narrowed} group by 1 offset 0
    ) d
    cross join lateral (
      select id, customer_id, currency, contract_reference, open_amount from receivables
      where tenant_id = $1 and id = d.receivable_id offset 0) r
    cross join lateral (
      select coalesce(sum(amount), 0) as moved, coalesce(bool_or(kind = 'invoiced'), false) as is_unissued
      from entries where tenant_id = $1 and receivable_id = r.id and effective_on > $2) l
    where not l.is_unissued and r.open_amount - l.moved > 0
"""


async def by_group(
    ctx: Context, day: date, group_by: AgingGroup, customer_id: str | None
) -> dict[tuple[str, str], Decimal]:
    """Disputed amounts by group and currency, of those that have any."""
    arguments: list[Any] = [ctx.tenant_id, day, *([] if customer_id is None else [customer_id])]
    positions = _DISPUTED.format(narrowed="" if customer_id is None else "and customer_id = $3")
    rows = await sql(ctx).fetch(
        f"select {GROUPS[group_by]} as group_id, p.currency, sum(p.amount) as amount from ({positions}) p"
        f" {customers_of(group_by)} group by 1, 2",
        *arguments,
    )
    return {(row["group_id"], row["currency"]): row["amount"] for row in rows}


async def by_receivable(ctx: Context, day: date, receivable_ids: Sequence[str]) -> dict[str, Decimal]:
    """Disputed amounts of these receivables, of those that have any."""
    positions = _DISPUTED.format(narrowed="and receivable_id = any($3)")
    rows = await sql(ctx).fetch(positions, ctx.tenant_id, day, list(receivable_ids))
    return {row["id"]: row["amount"] for row in rows}
