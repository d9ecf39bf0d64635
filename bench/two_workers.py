"""The same due steps decided by one worker process and by two, by the clock."""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
from dataclasses import replace
from datetime import datetime
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

import uvloop

from bench.harness import Figure, interleaved, median_ratio, open_database
from bench.measuring import peak_megabytes
from bench.stored import Store, fill
from cli.servers import ServerUrls
from domain.access.profile import engine_context
from domain.dunning.engine import run_due_cases
from domain.kernel.clock import FixedClock
from domain.storage.engine import DB
from domain.storage.sealing import Sealer, install_sealer, new_key_text
from workers.memory import suit_batches

MANY = 200_000
ROUNDS = 6
DUE = 60_000
BATCH = 500
LEAST_GAIN = 1.1
MOST_MEGABYTES = 250.0
_FORKS = multiprocessing.get_context("spawn")


async def run(urls: ServerUrls) -> list[Figure]:
    """Rounds in turns, each on steps of its own beside many others."""
    key = new_key_text()
    async with open_database(urls, key):
        store = await fill(urls, others=MANY, due=DUE, rounds=ROUNDS)
    numbers = iter(range(ROUNDS))
    one, two = await interleaved(
        ROUNDS // 2,
        lambda: asyncio.to_thread(_round, store, key, next(numbers), 1),
        lambda: asyncio.to_thread(_round, store, key, next(numbers), 2),
    )
    return [_gain([rate for rate, _ in one], [rate for rate, _ in two]), _memory(max(peak for _, peak in (*one, *two)))]


def _round(store: Store, key: str, number: int, workers: int) -> tuple[float, float]:
    """Steps per second by the clock, and the most memory a worker held; raises RuntimeError unless all were decided."""
    barrier = _FORKS.Barrier(workers + 1)
    answers: SimpleQueue[tuple[int, float]] = _FORKS.SimpleQueue()
    told = (
        store.urls.database_url,
        key,
        store.ctx.tenant_id,
        store.at_round(number).now().isoformat(),
        barrier,
        answers,
    )
    processes = [_FORKS.Process(target=_decide, args=told, daemon=True) for _ in range(workers)]
    for process in processes:
        process.start()
    barrier.wait(60)
    began = time.perf_counter()
    done = [answers.get() for _ in processes]
    took = time.perf_counter() - began
    for process in processes:
        process.join()
    if sum(count for count, _ in done) != DUE // ROUNDS:
        raise RuntimeError(f"{done} cases were decided of {DUE // ROUNDS} due")
    return DUE // ROUNDS / took, max(peak for _, peak in done)


def _decide(
    url: str, key: str, tenant_id: str, at: str, barrier: Barrier, answers: SimpleQueue[tuple[int, float]]
) -> None:
    uvloop.run(_decide_all(url, key, tenant_id, datetime.fromisoformat(at), barrier, answers))


async def _decide_all(
    url: str, key: str, tenant_id: str, at: datetime, barrier: Barrier, answers: SimpleQueue[tuple[int, float]]
) -> None:
    install_sealer(Sealer.from_text(key))
    suit_batches()
    await DB.open(url, max_connections=2)
    ctx, count = replace(await engine_context(tenant_id), clock=FixedClock(at)), 0
    barrier.wait(60)
    while done := await run_due_cases(ctx, BATCH):
        count += done
    answers.put((count, peak_megabytes()))
    await DB.close()


def _gain(one: list[float], two: list[float]) -> Figure:
    gain = median_ratio(two, one)
    how = (
        f"{DUE // ROUNDS:,} steps a round beside {MANY:,} others, {ROUNDS // 2} rounds each in turns;"
        f" one {statistics.median(one):,.0f}/s, two {statistics.median(two):,.0f}/s by the clock"
    )
    return Figure("due steps with two workers / with one", gain, "", f">= {LEAST_GAIN}", gain >= LEAST_GAIN, how)


def _memory(peak: float) -> Figure:
    how = "the most that any of these worker processes held"
    return Figure("memory while deciding", peak, "MB", f"< {MOST_MEGABYTES:g}", peak < MOST_MEGABYTES, how)
