"""Aging over 1,000,000 open receivables of one tenant against one plain SQL aggregate of the same rows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import asyncpg

from bench.harness import Figure, a_live_tenant, interleaved, median_ratio, open_database
from cli.servers import ServerUrls
from domain.access.profile import context_for
from domain.insight.aging import list_aging
from domain.insight.model import AgingGroup
from domain.kernel.context import Actor, Context
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import TENANT_SCOPES
from domain.storage.transaction import reading

OPEN = 1_000_000
ROUNDS = 7
MOST_OF_PLAIN = 3.0
_OF_A_CUSTOMER = 10
_CUSTOMERS = """
  insert into customers (tenant_id, id, name, metadata, version, created_at, updated_at)
  select $1, 'cus_' || lpad(n::text, 26, '0'), 'Lanhai ' || n, '{}', 1, now(), now() from generate_series(1, $2::int) n
"""
# Due from 120 days ago to 120 days from now, a tenth in another currency.
_RECEIVABLES = """
  insert into receivables (tenant_id, id, customer_id, number, currency, amount, open_amount, issued_on, due_on, status, test_clock,
    metadata, version, created_at, updated_at)
  select $1, 'rcv_' || lpad(n::text, 26, '0'), 'cus_' || lpad((1 + n % $3::int)::text, 26, '0'), 'INV-' || n,
    case when n % 10 = 0 then 'EUR' else 'CNY' end, n % 5000 + 0.99, n % 5000 + 0.99,
    $4::date - 150 + least(n % 241, 150), $4::date - 120 + n % 241, 'open', false, '{}', 1, now(), now()
  from generate_series(1, $2::int) n
"""
_ENTRIES = """
  insert into entries (tenant_id, id, receivable_id, kind, amount, effective_on, created_at)
  select tenant_id, 'ent_' || right(id, 26), id, 'invoiced', amount, issued_on, now() from receivables where tenant_id = $1
"""
# The least that answers what is open in each currency, under the same role and policies.
_PLAIN = """
  select currency, sum(open_amount), count(*) from receivables where tenant_id = $1 and open_amount > 0 group by currency
"""


async def run(urls: ServerUrls) -> list[Figure]:
    """Every subject in turns; raises RuntimeError if one of them does not add up all the receivables."""
    async with open_database(urls):
        tenant, _ = await a_live_tenant()
        ctx = await context_for(tenant.id, Actor("client", "bench"), TENANT_SCOPES)
        await _fill(urls, ctx)
        plain, today, past, page = await interleaved(
            ROUNDS,
            lambda: _seconds(lambda: _plain(ctx)),
            lambda: _seconds(lambda: _aged(ctx, "currency", OPEN)),
            lambda: _seconds(lambda: _aged(ctx, "currency", 0, ctx.today() - timedelta(days=30))),
            lambda: _seconds(lambda: _aged(ctx, "customer", 0)),
        )
    ratio = median_ratio(today, plain)
    seconds = {name: statistics.median(taken) for name, taken in (("plain", plain), ("past", past), ("page", page))}
    how = (
        f"median of {ROUNDS} interleaved rounds over {OPEN:,} open receivables; aging {statistics.median(today):.3f} s, plain"
        f" {seconds['plain']:.3f} s; as of 30 days ago {seconds['past']:.3f} s; a page of 50 customers {seconds['page'] * 1000:.0f} ms"
    )
    return [
        Figure("aging / plain aggregate", ratio, "of its time", f"<= {MOST_OF_PLAIN:g}", ratio <= MOST_OF_PLAIN, how)
    ]


async def _fill(urls: ServerUrls, ctx: Context) -> None:
    customers = OPEN // _OF_A_CUSTOMER
    connection = await asyncpg.connect(urls.database_url)
    try:
        await connection.execute(_CUSTOMERS, ctx.tenant_id, customers)
        await connection.execute(_RECEIVABLES, ctx.tenant_id, OPEN, customers, ctx.today())
        await connection.execute(_ENTRIES, ctx.tenant_id)
        await connection.execute("vacuum (analyze) receivables, entries, customers")
    finally:
        await connection.close()


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _plain(ctx: Context) -> None:
    async with reading(ctx) as tx:
        rows = await tx.fetch(_PLAIN, ctx.tenant_id)
    if sum(row["count"] for row in rows) != OPEN:
        raise RuntimeError("the plain aggregate missed receivables")


async def _aged(ctx: Context, group_by: AgingGroup, least: int, as_of: date | None = None) -> None:
    rows = (await list_aging(ctx, PageRequest(), group_by=group_by, as_of=as_of)).items
    if sum(row.receivable_count for row in rows) < max(least, 1):
        raise RuntimeError("the aging missed receivables")
