"""Recording a payment that settles ten receivables, beside one that settles one."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import asyncpg

from bench.harness import Figure, a_live_tenant, interleaved, median_ratio, open_database
from bench.importing import HEADER, client_context, import_file, sent
from bench.measuring import Measured, measured
from cli.servers import ServerUrls
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.payments import record_payment

ROUNDS = 5
PAYMENTS = 300
SETTLED = 10
LEAST_PER_SECOND = 300
LEAST_OF_ONE = 0.3
_AMOUNT = 100


async def run(urls: ServerUrls) -> list[Figure]:
    """Rounds in turns: payers who owe ten receivables each, and payers who owe one."""
    async with open_database(urls):
        tenant, _ = await a_live_tenant()
        for kind, each in (("ten", SETTLED), ("one", 1)):
            await import_file(tenant.id, sent(_file(kind, each)))
        ctx = await client_context(tenant.id)
        payers_of_ten, payers_of_one = iter(range(ROUNDS + 1)), iter(range(ROUNDS + 1))
        # Plans made before there are statistics read whole tenants; within a minute autovacuum would have seen to that.
        await _pay_round(urls, ctx, f"ten{next(payers_of_ten)}", SETTLED)
        await _pay_round(urls, ctx, f"one{next(payers_of_one)}", 1)
        await _analyse(urls)
        ten, one = await interleaved(
            ROUNDS,
            lambda: _pay_round(urls, ctx, f"ten{next(payers_of_ten)}", SETTLED),
            lambda: _pay_round(urls, ctx, f"one{next(payers_of_one)}", 1),
        )
    return [_speed(ten), _growth(ten, one)]


async def _analyse(urls: ServerUrls) -> None:
    connection = await asyncpg.connect(urls.database_url)
    try:
        await connection.execute("vacuum (analyze) receivables, entries, customers, payments, allocations")
    finally:
        await connection.close()


async def _pay_round(urls: ServerUrls, ctx: Context, payers: str, each: int) -> Measured:
    """One payment of each payer; raises RuntimeError unless each settles all that its payer owes."""
    amount, today = Money(Decimal(each * _AMOUNT), "CNY"), SystemClock().now().date()

    async def work() -> int:
        settled = 0
        for n in range(PAYMENTS):
            paid = await record_payment(
                ctx, customer_external_id=f"{payers}-{n}", external_id=f"{payers}-{n}", amount=amount, received_on=today
            )
            settled += len(paid.allocations)
        if settled != PAYMENTS * each:
            raise RuntimeError(f"{settled} receivables were settled by {PAYMENTS} payments of {each} each")
        return PAYMENTS

    return await measured(urls, work)


def _file(kind: str, each: int) -> Iterator[bytes]:
    """Receivables of 100 CNY, `each` of every payer of every round."""
    yield HEADER.encode()
    today = SystemClock().now().date()
    for number in range(ROUNDS + 1):
        lines = []
        for n in range(PAYMENTS * each):
            payer = f"{kind}{number}-{n // each}"
            due_on = today + timedelta(days=n % each - 5)
            lines.append(
                f"{kind}{number}-{n},{payer},INV-{n},{_AMOUNT}.00,CNY,{due_on - timedelta(days=30)},{due_on},"
                f"{payer},{payer}@customer.example\n"
            )
        yield "".join(lines).encode()


def _speed(ten: list[Measured]) -> Figure:
    rate = statistics.median(one.per_core for one in ten)
    share = statistics.median(one.python_share for one in ten)
    clock = statistics.median(one.per_second for one in ten)
    how = (
        f"median of {ROUNDS} rounds of {PAYMENTS} payments, one after the other, tables analysed; per second of processor"
        f" time of Python and its"
        f" connections together, {share:.0%} of it Python; {clock:,.0f}/s by the clock"
    )
    name, unit = f"payments that settle {SETTLED} receivables", "payments per second and core"
    return Figure(name, rate, unit, f">= {LEAST_PER_SECOND}", rate >= LEAST_PER_SECOND, how)


def _growth(ten: list[Measured], one: list[Measured]) -> Figure:
    ratio = median_ratio([each.per_core for each in ten], [each.per_core for each in one])
    how = f"interleaved; settling one: {statistics.median(each.per_core for each in one):,.0f} per second and core"
    name = f"payments that settle {SETTLED} / that settle one"
    return Figure(name, ratio, "of their payments per second", f">= {LEAST_OF_ONE}", ratio >= LEAST_OF_ONE, how)
