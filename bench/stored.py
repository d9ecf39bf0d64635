"""Stores what the dunning benchmark needs in bulk: open receivables with a case each, most of them not due for long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from bench.harness import a_live_tenant
from cli.servers import ServerUrls
from domain.access.profile import context_for
from domain.customers.addresses import email_hash, seal_address
from domain.dunning.model import ReminderPlan
from domain.dunning.plans import create_plan, publish_plan
from domain.kernel.clock import FixedClock, SystemClock
from domain.kernel.context import Actor, Context
from domain.kernel.scopes import TENANT_SCOPES

FIRST_OFFSET = -3
STEPS = [
    {
        "key": f"day{offset}",
        "offset_days": offset,
        "time_of_day": "09:00",
        "action": {"type": "email", "template": template},
    }
    for offset, template in ((FIRST_OFFSET, "friendly_reminder"), (3, "overdue_notice"), (15, "firm_notice"))
]
_ZONE = "Asia/Shanghai"
_RECEIVABLES_OF_A_CUSTOMER = 10
_CUSTOMERS = """
  insert into customers (tenant_id, id, external_id, name, locale, metadata, version, created_at, updated_at)
  select $1, 'cus_' || lpad(n::text, 26, '0'), n::text, '上海蓝海贸易 ' || n, case when n % 2 = 0 then 'en' end, '{}', 1, now(), now()
  from generate_series(1, $2::int) n
"""
_CONTACTS = """
  insert into contacts (tenant_id, id, customer_id, name, role, sealed_email, email_hash, opted_out_channels, version,
    created_at, updated_at)
  select $1, u.id, 'cus_' || right(u.id, 26), c.name, 'billing', u.sealed, u.hash, '{}', 1, now(), now()
  from unnest($2::text[], $3::bytea[], $4::bytea[]) as u(id, sealed, hash)
  join customers c on c.tenant_id = $1 and c.id = 'cus_' || right(u.id, 26)
"""
# Those that fall due are spread evenly among the others, as in a store that grew day by day: $2 of all, $3 due in $4 rounds.
_RECEIVABLES = """
  insert into receivables (tenant_id, id, external_id, customer_id, number, currency, amount, open_amount, issued_on, due_on,
    status, overdue_at, test_clock, metadata, version, created_at, updated_at)
  select $1, 'rcv_' || lpad(n::text, 26, '0'), n::text, 'cus_' || lpad((1 + n % $5::bigint)::text, 26, '0'), 'INV-' || n, 'CNY',
    1299, 1299, due_on - 30, due_on, 'open', (due_on + 1)::timestamp at time zone $7, false, '{}', 1, now(), now()
  from generate_series(1, $2::bigint) n
  cross join lateral (select n * $3 / $2 as place, (n - 1) * $3 / $2 as previous) p
  cross join lateral (
    select $6::date + (case when place > previous then place % $4 else 60 + n % 300 end)::int as due_on) d
"""
_CASES = """
  insert into cases (tenant_id, id, receivable_id, customer_id, plan_id, plan_version_id, state, next_action_at, deferred_reasons,
    test_clock, version, opened_at)
  select tenant_id, 'cas_' || right(id, 26), id, customer_id, $2, $3, 'active', (due_on + $4::int + time '09:00') at time zone $5,
    '[]', false, 1, now()
  from receivables where tenant_id = $1
"""


@dataclass(frozen=True, slots=True)
class Store:
    """A database with one tenant, whose cases fall due round by round, each a day after the one before."""

    urls: ServerUrls
    ctx: Context
    first_due_on: date

    def at_round(self, number: int) -> Context:
        """The tenant at the moment at which the steps of a round have just fallen due."""
        day = self.first_due_on + timedelta(days=FIRST_OFFSET + number)
        instant = datetime.combine(day, time(9, 0, 1), ZoneInfo(_ZONE))
        return replace(self.ctx, clock=FixedClock(instant.astimezone(UTC)))


async def fill(urls: ServerUrls, *, others: int, due: int, rounds: int) -> Store:
    """Stores `others` cases that stay asleep and `due` that wake in `rounds`; the database is open."""
    tenant, _ = await a_live_tenant()
    ctx = await context_for(tenant.id, Actor("client", "bench"), TENANT_SCOPES)
    plan = await publish_plan(ctx, (await create_plan(ctx, name="Standard", steps=STEPS, is_default=True)).id)
    # Nothing is due before the day after tomorrow, so that the idle tick is idle at any time of day.
    first_due_on = SystemClock().now().date() + timedelta(days=2 - FIRST_OFFSET)
    await _insert(urls, ctx, plan, others + due, due, rounds, first_due_on)
    return Store(urls, ctx, first_due_on)


async def _insert(
    urls: ServerUrls, ctx: Context, plan: ReminderPlan, total: int, due: int, rounds: int, first_due_on: date
) -> None:
    assert plan.published_version is not None
    tenant_id = ctx.tenant_id
    customers = total // _RECEIVABLES_OF_A_CUSTOMER
    connection = await asyncpg.connect(urls.database_url)
    try:
        await connection.execute(_CUSTOMERS, tenant_id, customers)
        await connection.execute(_CONTACTS, tenant_id, *_addresses(ctx, customers))
        await connection.execute(_RECEIVABLES, tenant_id, total, due, rounds, customers, first_due_on, _ZONE)
        await connection.execute(_CASES, tenant_id, plan.id, plan.published_version.id, FIRST_OFFSET, _ZONE)
        # What autovacuum would have done long ago, and must not begin to do while we measure.
        await connection.execute("vacuum (analyze) receivables, cases, customers, contacts")
    finally:
        await connection.close()


def _addresses(ctx: Context, customers: int) -> tuple[list[str], list[bytes | None], list[bytes | None]]:
    """Ids of the contacts, their sealed addresses and the hashes of these."""
    addresses = {f"con_{n:026}": f"c{n}@customer.example" for n in range(1, customers + 1)}
    sealed = [seal_address(ctx, contact_id, "email", address) for contact_id, address in addresses.items()]
    return list(addresses), sealed, [email_hash(ctx, address) for address in addresses.values()]
