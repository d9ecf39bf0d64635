"""Claims cases that are decided together with the customer's others, so that one notice names them all.

Whoever decides such cases of a customer holds the customer's lock: of two workers one takes all that are due, the other none.
"""

from __future__ import annotations

from datetime import datetime

from domain.dunning import case_store
from domain.dunning.model import Case
from domain.dunning.rules.minimum import BELOW_MINIMUM
from domain.kernel.context import Context
from domain.storage.transaction import sql

_CUSTOMERS = """
  with wanted as materialized (
    select distinct customer_id from (
      select customer_id from cases where tenant_id = $1 and combined and next_action_at is not null and next_action_at <= $2
      order by next_action_at limit $3) due)
  select customer_id from wanted where pg_try_advisory_xact_lock(hashtextextended('combined:' || $1 || ':' || customer_id, 0))
"""
_DUE = (
    "and combined and state <> 'closed'"
    f" and (next_action_at <= $3 or (state = 'active' and deferred_reasons ? '{BELOW_MINIMUM}'))"
)


async def claim_combined(ctx: Context, now: datetime, limit: int) -> list[Case]:
    """Combined cases of customers of whom one is due: all that are, and those that wait for more, locked until the commit.

    `limit` bounds the cases by which the customers are found; no customer's are cut. A customer of whom somebody else has a case in
    hand at this moment is left for the next time.
    """
    tx = sql(ctx)
    rows = await tx.fetch(_CUSTOMERS, ctx.tenant_id, now, limit)
    if not rows:
        return []
    customers = [row["customer_id"] for row in rows]
    expected = await tx.fetch(
        f"select id, customer_id from cases where tenant_id = $1 and customer_id = any($2) {_DUE}",
        ctx.tenant_id,
        customers,
        now,
    )
    locked = await tx.fetch(
        f"select {case_store.CASE} from cases where tenant_id = $1 and customer_id = any($2) {_DUE}"
        " order by id for no key update skip locked",
        ctx.tenant_id,
        customers,
        now,
    )
    missing = {row["id"] for row in expected} - {row["id"] for row in locked}
    incomplete = {row["customer_id"] for row in expected if row["id"] in missing}
    return [case_store.case_of(row) for row in locked if row["customer_id"] not in incomplete]
