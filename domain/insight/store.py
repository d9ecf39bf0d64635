"""Aging read from the ledger's tables in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.insight import disputed, positions
from domain.insight.groups import GROUPS, customers_of
from domain.insight.model import Aging, AgingBucket, AgingFilter, AgingGroup, AgingReceivable
from domain.insight.rules.aging import first_days, ranges
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.rules.components import COMPONENTS, Parts
from domain.storage.transaction import sql

_UNAPPLIED = -1
_CURRENT = 0
_WHOSE = "exists (select from customers c where c.tenant_id = $1 and c.id = o.customer_id and {} = {{}})"
# Of many customers only those are added up that come onto the page.
_LAST_ON_PAGE = """
    and p.customer_id <= (select coalesce(max(customer_id), '') from (
      select customer_id from (
        (select distinct customer_id from receivables where tenant_id = $1 and open_amount > 0 and customer_id >= {after}
          order by 1 limit {limit})
        union all (select distinct customer_id from payments
          where tenant_id = $1 and unapplied_amount > 0 and received_on <= $2 and customer_id >= {after} order by 1 limit {limit})
        union all (select distinct customer_id from credit_notes
          where tenant_id = $1 and unapplied_amount > 0 and issued_on <= $2 and customer_id >= {after} order by 1 limit {limit})
      ) each_first group by 1 order by 1 limit {limit}) first)
"""

_ROWS_ON_PAGE = "group by 1, 2 order by 1, 2 limit {limit}"
_GROUPS_ON_PAGE = """
    and group_id in (select distinct group_id from summed where (group_id, currency) > ($4, $5) order by 1 limit {limit})
    group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class AgingKey:
    """Where a page of an aging ends: its day, which all pages keep, and the group (or receivable) and currency of its last row."""

    as_of: date
    group: str = ""
    currency: str = ""


async def aging(
    ctx: Context,
    group_by: AgingGroup,
    after: AgingKey,
    limit: int,
    bounds: Sequence[int],
    customer_id: str | None,
    *,
    whole_groups: bool = False,
) -> list[Aging]:
    """Groups in the order of their ids and currencies, after the given key: at most `limit` rows, or `limit` groups in all currencies."""
    arguments: list[Any] = [ctx.tenant_id, after.as_of, first_days(bounds), after.group, after.currency]
    later = await is_anything_later(ctx, after.as_of)
    narrowed = ""
    if group_by == "customer":
        narrowed = "and p.customer_id >= $4"
        if not later and customer_id is None:
            # The last customer seen may have further currencies, so one more is needed to fill a page.
            narrowed += _LAST_ON_PAGE.format(after="$4", limit=limit + 1)
    of_customer = None
    if customer_id is not None:
        arguments.append(customer_id)
        of_customer = f"${len(arguments)}"
        narrowed += f" and p.customer_id = {of_customer}"
    then, *selects = positions_of(later=later, customer=of_customer)
    at_most = (_GROUPS_ON_PAGE if whole_groups else _ROWS_ON_PAGE).format(limit=limit)
    rows = await sql(ctx).fetch(_aging_statement(group_by, narrowed, at_most, then, *selects), *arguments)
    contested = await disputed.by_group(ctx, after.as_of, group_by, customer_id)
    return [_aging_of(row, group_by, after.as_of, bounds, contested) for row in rows]


def _aging_statement(group_by: AgingGroup, narrowed: str, at_most: str, then: str, opened: str, unapplied: str) -> str:
    """$3 are the first days of the buckets, $4 and $5 the group and currency of the last row before."""
    return f"""
        with {then} summed as (
          select {GROUPS[group_by]} as group_id, p.currency, p.bucket, sum(p.amount) as amount, count(*) as items
          from (
            select customer_id, currency, contract_reference, open_amount as amount,
              case when due_on_is_provisional then {_CURRENT} else width_bucket($2::date - due_on, $3::int[]) end as bucket
              from ({opened}) o
            union all
            select customer_id, currency, null, amount, {_UNAPPLIED} from ({unapplied}) u
          ) p {customers_of(group_by)}
          where true {narrowed}
          group by 1, 2, 3
        )
        select group_id, currency, array_agg(bucket) as buckets, array_agg(amount) as amounts, array_agg(items) as counts
        from summed where (group_id, currency) > ($4, $5) {at_most}
    """


async def receivables(ctx: Context, day: date, wanted: AgingFilter, after: str, limit: int) -> list[AgingReceivable]:
    """What was open at the end of a day, in the order of creation, at most `limit`."""
    arguments: list[Any] = [ctx.tenant_id, day]
    conditions = ""
    for condition, value in (
        ("o.id > {}", after or None),
        ("o.customer_id = {}", wanted.customer_id),
        ("o.contract_reference = {}", wanted.contract_reference),
        ("o.currency = {}", wanted.currency),
        (
            "not o.due_on_is_provisional and o.due_on <= {}",
            day - timedelta(days=wanted.days_from) if wanted.days_from else None,
        ),
        (
            "(o.due_on_is_provisional or o.due_on >= {})",
            None if wanted.days_to is None else day - timedelta(days=wanted.days_to),
        ),
        (_WHOSE.format("c.owner_id"), wanted.owner_id),
        (_WHOSE.format("c.grade"), wanted.grade),
    ):
        if value is not None:
            arguments.append(value)
            conditions += f" and {condition.format(f'${len(arguments)}')}"
    then, opened, _ = positions_of(later=await is_anything_later(ctx, day))
    with_then = f"with {then.removesuffix(',')}" if then else ""
    # Where the day's positions are the columns, the statement has no use for the day, but the parameter must have a type.
    rows = await sql(ctx).fetch(
        f"{with_then} select o.id, o.customer_id, o.number, o.currency, o.due_on, o.due_on_is_provisional,"
        " $2::date - o.due_on, o.open_amount"
        f" from ({opened}) o where true {conditions} order by o.id limit {limit}",
        *arguments,
    )
    contested = await disputed.by_receivable(ctx, day, [row["id"] for row in rows])
    return [
        AgingReceivable(
            receivable_id=receivable_id,
            customer_id=customer_id,
            number=number,
            as_of=day,
            due_on=due_on,
            due_on_is_provisional=is_provisional,
            days_overdue=0 if is_provisional else max(days, 0),
            open_amount=Money(open_amount, currency),
            disputed_amount=Money(contested.get(receivable_id, Decimal(0)), currency),
        )
        for receivable_id, customer_id, number, currency, due_on, is_provisional, days, open_amount in rows
    ]


async def balance(ctx: Context, receivable_id: str, day: date) -> tuple[str, Parts] | None:
    """Currency and parts of one receivable as its entries had them at the end of a day; before its issue there are none."""
    row = await sql(ctx).fetchrow(positions.BALANCE, ctx.tenant_id, day, receivable_id)
    if row is None:
        return None
    if row["is_unissued"]:
        return row["currency"], Parts()
    return row["currency"], Parts(**{name: row[name] - row[f"later_{name}"] for name in COMPONENTS})


async def is_anything_later(ctx: Context, day: date) -> bool:
    """Whether anything of the ledger is dated after `day`, so that its columns are not what stood then."""
    later: bool = await sql(ctx).fetchval(positions.ANYTHING_LATER, ctx.tenant_id, day)
    return later


def positions_of(*, later: bool, customer: str | None = None) -> tuple[str, str, str]:
    """What a day's positions are read from: expressions (ending in a comma), what was open, what was unapplied; $1 tenant, $2 day.

    `later` is what `is_anything_later` said; `customer` a parameter such as `$3`, by which only the expressions are narrowed.
    """
    if later:
        return f"{positions.then(customer).rstrip()},", positions.OPEN_THEN, positions.UNAPPLIED_THEN
    return "", positions.OPEN_NOW, positions.UNAPPLIED_NOW


def _aging_of(
    row: Any, group_by: AgingGroup, day: date, bounds: Sequence[int], contested: Mapping[tuple[str, str], Decimal]
) -> Aging:
    group_id, currency, numbers, amounts, counts = row
    sums = dict(zip(numbers, amounts, strict=True))
    items = dict(zip(numbers, counts, strict=True))

    def money(*which: int) -> Money:
        return Money.total(sum((sums.get(n, Decimal(0)) for n in which), Decimal(0)), currency)

    buckets = [
        AgingBucket(days_from=first, days_to=last, amount=money(n), receivable_count=items.get(n, 0))
        for n, (first, last) in enumerate(ranges(bounds), start=1)
    ]
    all_open = [n for n in sums if n != _UNAPPLIED]
    return Aging(
        as_of=day,
        customer_id=group_id if group_by == "customer" else None,
        owner_id=(group_id or None) if group_by == "owner" else None,
        grade=(group_id or None) if group_by == "grade" else None,
        contract_reference=(group_id or None) if group_by == "contract" else None,
        currency=currency,
        current_amount=money(_CURRENT),
        buckets=buckets,
        open_amount=money(*all_open),
        unapplied_amount=money(_UNAPPLIED),
        disputed_amount=Money.total(contested.get((group_id, currency), Decimal(0)), currency),
        receivable_count=sum(items[n] for n in all_open),
    )
