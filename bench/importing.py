"""Receivables from a CSV file to opened cases, as the worker does it, against bare inserts of the same rows; and its memory."""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

import uvloop

from bench.harness import Figure, a_live_tenant, interleaved, median_ratio, open_database
from bench.measuring import Measured, measured, peak_megabytes, plain_inserts
from bench.stored import STEPS
from cli.servers import ServerUrls
from domain.access.profile import context_for, engine_context
from domain.dunning.plans import create_plan, publish_plan
from domain.dunning.reactions import react
from domain.importing.imports import start_import
from domain.importing.running import run_import
from domain.importing.source import BATCH
from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, Context
from domain.kernel.scopes import TENANT_SCOPES
from domain.operations import work as operations
from domain.operations.operations import get_operation
from domain.storage.engine import DB
from domain.storage.sealing import Sealer, install_sealer, new_key_text
from domain.storage.transaction import reading

ROUNDS = 3
ROWS = 50_000
SMALL_FILE, LARGE_FILE = 20_000, 200_000
ROWS_OF_A_CUSTOMER = 10
LEAST_PER_SECOND = 5_000
LEAST_SHARE = 0.05
MOST_MEGABYTES = 300
HEADER = "external_id,customer_external_id,number,amount,currency,issued_on,due_on,customer_name,customer_email\n"


async def run(urls: ServerUrls) -> list[Figure]:
    """Memory first, in processes of their own; then rounds in turns with the bare inserts."""
    secret_key = new_key_text()
    async with open_database(urls, secret_key):
        without_plan, _ = await a_live_tenant()
        small, large = [
            await _peak_elsewhere(urls, secret_key, without_plan.id, rows) for rows in (SMALL_FILE, LARGE_FILE)
        ]
        tenant, _ = await a_live_tenant()
        ctx = await client_context(tenant.id)
        await publish_plan(ctx, (await create_plan(ctx, name="Standard", steps=STEPS, is_default=True)).id)
        await _open_cases(tenant.id)
        files = iter(range(ROUNDS))
        ours, bare = await interleaved(
            ROUNDS,
            lambda: _take_in(urls, tenant.id, f"round{next(files)}"),
            lambda: plain_inserts(urls, "receivables", ROWS, BATCH),
        )
    how = f"peak of a process of its own; {SMALL_FILE:,} rows need {small:.0f} MB"
    is_small = large < MOST_MEGABYTES
    return [
        *_speed(ours, bare),
        Figure(f"memory for a file of {LARGE_FILE:,} rows", large, "MB", f"< {MOST_MEGABYTES}", is_small, how),
    ]


def _speed(ours: list[Measured], bare: list[Measured]) -> list[Figure]:
    rates, bare_rates = [one.per_core for one in ours], [one.per_core for one in bare]
    rate, ratio = statistics.median(rates), median_ratio(rates, bare_rates)
    share = statistics.median(one.python_share for one in ours)
    clock = statistics.median(one.per_second for one in ours)
    how = (
        f"median of {ROUNDS} rounds of {ROWS:,} rows, per second of processor time of the worker and its connections together,"
        f" {share:.0%} of it Python; {clock:,.0f}/s by the clock"
    )
    return [
        Figure(
            "import with events and cases",
            rate,
            "receivables per second and core",
            f">= {LEAST_PER_SECOND:,}",
            rate >= LEAST_PER_SECOND,
            how,
        ),
        Figure(
            "import / bare inserts",
            ratio,
            "of their rows per second",
            f">= {LEAST_SHARE}",
            ratio >= LEAST_SHARE,
            f"interleaved with the same rows into a table with only a primary key: {statistics.median(bare_rates):,.0f}/s and core",
        ),
    ]


async def _take_in(urls: ServerUrls, tenant_id: str, name: str) -> Measured:
    """One file on its whole way; raises RuntimeError unless each of its rows has become a receivable with a case."""
    pieces = list(_file(name, ROWS))

    async def work() -> int:
        created = await import_file(tenant_id, sent(pieces))
        await _open_cases(tenant_id)
        return created

    before = await _case_count(tenant_id)
    figures = await measured(urls, work)
    opened = await _case_count(tenant_id) - before
    if not figures.count == opened == ROWS:
        raise RuntimeError(f"{figures.count} receivables were created and {opened} cases opened of {ROWS} rows")
    return figures


async def import_file(tenant_id: str, chunks: AsyncIterator[bytes]) -> int:
    """How many receivables were created."""
    ctx = await client_context(tenant_id)
    started = await start_import(ctx, kind="receivables", chunks=chunks)
    engine = await engine_context(tenant_id)
    claimed = await operations.claim(engine, started.id)
    assert claimed is not None
    await run_import(engine, claimed)
    finished = await get_operation(ctx, started.id)
    if finished.state != "succeeded" or finished.progress.created != finished.progress.processed:
        raise RuntimeError(f"the import did not take everything: {finished}")
    return finished.progress.created


async def _open_cases(tenant_id: str) -> None:
    """Reacts to all that has happened."""
    engine = await engine_context(tenant_id)
    while await react(engine):
        pass


async def _case_count(tenant_id: str) -> int:
    async with reading(await engine_context(tenant_id)) as tx:
        count: int = await tx.fetchval("select count(*) from cases where tenant_id = $1", tenant_id)
    return count


async def _peak_elsewhere(urls: ServerUrls, secret_key: str, tenant_id: str, rows: int) -> float:
    """The peak memory, in MB, of a fresh process that imports a file."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(processes, _peak_of_import, urls.database_url, secret_key, tenant_id, rows)


def _peak_of_import(database_url: str, secret_key: str, tenant_id: str, rows: int) -> float:
    async def work() -> None:
        install_sealer(Sealer.from_text(secret_key))
        await DB.open(database_url, max_connections=2)
        await import_file(tenant_id, sent(_file(f"file{rows}", rows)))
        await DB.close()

    uvloop.run(work())
    return peak_megabytes()


async def client_context(tenant_id: str) -> Context:
    return await context_for(tenant_id, Actor("client", "bench"), TENANT_SCOPES)


def _file(name: str, rows: int) -> Iterator[bytes]:
    """A file of its own customers, each with several receivables and one mailbox, in pieces as a sender might send it."""
    yield HEADER.encode()
    today = SystemClock().now().date()
    for first in range(0, rows, BATCH):
        lines = []
        for n in range(first, min(first + BATCH, rows)):
            customer = f"{name}-C{n // ROWS_OF_A_CUSTOMER}"
            due_on = today + timedelta(days=10 + n % 90)
            lines.append(
                f"{name}-{n},{customer},INV-{n},{100 + n % 9000}.{n % 100:02},CNY,{due_on - timedelta(days=30)},{due_on},"
                f"上海蓝海贸易有限公司 {n // ROWS_OF_A_CUSTOMER},{customer.lower()}@customer.example\n"
            )
        yield "".join(lines).encode()


async def sent(pieces: Iterator[bytes] | list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
