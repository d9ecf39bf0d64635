"""What is known of receivables that are reminded of, each by itself: for a whole batch in one statement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.kernel.context import Context
from domain.ledger.model import ReceivableStatus
from domain.messaging.contact_policy_store import VERSION
from domain.storage.transaction import sql


class Debt(NamedTuple):
    """A receivable with what its customer and its settings add, in the order of `_DEBTS`.

    Amounts are in `currency`. Not a row: there, a column is found by its name in a multiple of the time.
    """

    id: str
    number: str
    currency: str
    amount: Decimal
    open_amount: Decimal
    issued_on: date
    due_on: date
    due_on_is_provisional: bool
    status: ReceivableStatus
    name: str
    grade: str | None
    tags: list[str]
    locale: str
    time_zone: str
    grace_days: int
    minimum_days_between: int
    delay_reason: str | None
    held_until: datetime | None
    country: str | None
    policy_version: int | None


_DEBTS = f"""
  select r.id, r.number, r.currency, r.amount, r.open_amount, r.issued_on, r.due_on, r.due_on_is_provisional, r.status,
    c.name, c.grade, c.tags, coalesce(c.locale, $3) as locale, coalesce(c.time_zone, $4) as time_zone,
    coalesce(s.grace_days, 0) as grace_days, coalesce(s.minimum_days_between, 0) as minimum_days_between, s.delay_reason,
    greatest(r.held_until, c.held_until) as held_until,
    coalesce(c.country, (select country from tenants where id = $1)) as country, {VERSION} as policy_version
  from unnest($2::text[]) as wanted(id)
  cross join lateral (select * from receivables where tenant_id = $1 and id = wanted.id limit 1) r
  cross join lateral (select * from customers where tenant_id = $1 and id = r.customer_id limit 1) c
  left join lateral (select * from reminder_settings where tenant_id = $1 and receivable_id = r.id limit 1) s on true
"""


async def debts_of(ctx: Context, receivable_ids: list[str]) -> dict[str, Debt]:
    """Those of the receivables that exist, by their ids."""
    if not receivable_ids:
        return {}
    rows = await sql(ctx).fetch(_DEBTS, ctx.tenant_id, receivable_ids, ctx.locale, ctx.time_zone)
    return {debt.id: debt for debt in map(Debt._make, rows)}
