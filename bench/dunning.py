"""Due steps from find to committed notice, beside 1,000,000 other receivables and beside 1,000; and the tick with nothing due."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Iterator

import asyncpg

from bench.harness import Figure, another_database, interleaved, median_ratio, open_database
from bench.measuring import Measured, measured, plain_inserts, touch_shared_memory
from bench.stored import Store, fill
from cli.servers import ServerUrls
from domain.dunning.engine import run_due_cases
from domain.events.webhook_model import WebhookRequest, WebhookResponse
from domain.storage.engine import DB
from workers.tasks.operations import run_operations
from workers.tasks.reminders import reminding, sending
from workers.tasks.webhooks import Posting

MANY, FEW = 1_000_000, 1_000
ROUNDS = 5
DUE = 100_000
BATCH = 500
IDLE_TICKS = 50
LEAST_PER_SECOND = 5_000
LEAST_OF_FEW = 0.7
LEAST_OF_BARE = 0.03
MOST_IDLE_MS = 10.0


async def run(urls: ServerUrls) -> list[Figure]:
    """One database with many others and one with few, measured in turns."""
    await touch_shared_memory(urls)
    async with another_database(urls) as other_urls:
        async with open_database(urls):
            many = await fill(urls, others=MANY, due=DUE, rounds=ROUNDS)
            idle = await _idle_milliseconds()
        async with open_database(other_urls):
            few = await fill(other_urls, others=FEW, due=DUE, rounds=ROUNDS)
        rounds_of_many, rounds_of_few = iter(range(ROUNDS)), iter(range(ROUNDS))
        beside_many, beside_few, bare = await interleaved(
            ROUNDS,
            lambda: _decide_round(many, rounds_of_many),
            lambda: _decide_round(few, rounds_of_few),
            lambda: plain_inserts(urls, "notices", DUE // ROUNDS, BATCH),
        )
    return [_speed(beside_many), _growth(beside_many, beside_few), _ratio(beside_many, bare), _idle(idle)]


async def _decide_round(store: Store, rounds: Iterator[int]) -> Measured:
    """The steps of one round; raises RuntimeError unless each of them became a notice."""
    ctx = store.at_round(next(rounds))

    async def work() -> int:
        decided = 0
        while done := await run_due_cases(ctx, BATCH):
            decided += done
        return decided

    await DB.open(store.urls.database_url, max_connections=2)
    try:
        before = await _notices(store)
        figures = await measured(store.urls, work)
        queued = await _notices(store) - before
    finally:
        await DB.close()
    if not figures.count == queued == DUE // ROUNDS:
        raise RuntimeError(f"{figures.count} cases were decided and {queued} notices queued of {DUE // ROUNDS} due")
    return figures


async def _notices(store: Store) -> int:
    connection = await asyncpg.connect(store.urls.database_url)
    try:
        count: int = await connection.fetchval("select count(*) from notices")
        return count
    finally:
        await connection.close()


async def _idle_milliseconds() -> list[float]:
    """Milliseconds of ticks of a worker that has nothing to do: every task that runs each second, one after the other."""
    tasks: list[Callable[[], Awaitable[int]]] = [reminding(), sending({}), Posting(_nobody), lambda: run_operations({})]

    async def tick() -> int:
        return sum([await task() for task in tasks])

    while await tick():
        pass
    took: list[float] = []
    for _ in range(IDLE_TICKS):
        began = time.perf_counter()
        handled = await tick()
        took.append((time.perf_counter() - began) * 1000)
        if handled:
            raise RuntimeError("the tick was not idle")
    return took


async def _nobody(request: WebhookRequest, /) -> WebhookResponse:
    raise RuntimeError(f"nothing is to be posted: {request}")


def _speed(ours: list[Measured]) -> Figure:
    rate = statistics.median(one.per_core for one in ours)
    clock = statistics.median(one.per_second for one in ours)
    share = statistics.median(one.python_share for one in ours)
    how = (
        f"{DUE:,} steps in {ROUNDS} rounds, batches of {BATCH}; per second of processor time of the worker and its connection"
        f" together, {share:.0%} of it Python; {clock:,.0f}/s by the clock"
    )
    limit, is_met = f">= {LEAST_PER_SECOND:,}", rate >= LEAST_PER_SECOND
    return Figure(f"due steps beside {MANY:,} others", rate, "steps per second and core", limit, is_met, how)


def _growth(beside_many: list[Measured], beside_few: list[Measured]) -> Figure:
    ratio = median_ratio([one.per_core for one in beside_many], [one.per_core for one in beside_few])
    how = f"interleaved; beside {FEW:,} others {statistics.median(one.per_core for one in beside_few):,.0f} per second and core"
    name = f"due steps beside {MANY:,} / beside {FEW:,}"
    return Figure(name, ratio, "of their steps per second", f">= {LEAST_OF_FEW}", ratio >= LEAST_OF_FEW, how)


def _ratio(ours: list[Measured], bare: list[Measured]) -> Figure:
    ratio = median_ratio([one.per_core for one in ours], [one.per_core for one in bare])
    how = (
        "interleaved with inserts of the same notices into a table with only a primary key,"
        f" {statistics.median(one.per_core for one in bare):,.0f}/s and core"
    )
    limit, is_met = f">= {LEAST_OF_BARE}", ratio >= LEAST_OF_BARE
    return Figure("due steps / bare inserts", ratio, "of their rows per second", limit, is_met, how)


def _idle(took: list[float]) -> Figure:
    median = statistics.median(took)
    how = f"median of {IDLE_TICKS} beside {MANY:,} cases, of all four tasks of a worker's tick; longest {max(took):.1f} ms"
    return Figure("tick with nothing due", median, "ms", f"< {MOST_IDLE_MS:.0f}", median < MOST_IDLE_MS, how)
