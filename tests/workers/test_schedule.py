"""The schedule, the wake-ups and the passes of a worker."""

from __future__ import annotations

import asyncio

from api.wakeups import WOKEN_TASKS, Wakeups
from domain.kernel.context import Context
from domain.kernel.settings import Settings
from domain.storage.transaction import forget_commit_signals, on_any_commit
from tests.factories import a_customer
from workers.main import is_healthy, make_worker
from workers.schedule import EVERY_SECOND, SCHEDULE
from workers.tasks.passes import Pass, until_idle


def test_everything_that_is_woken_is_also_looked_for_every_second() -> None:
    assert {line.task.__name__ for line in SCHEDULE if line.seconds == EVERY_SECOND} == set(WOKEN_TASKS)


async def test_a_call_during_a_pass_makes_it_run_once_more() -> None:
    gate, runs = asyncio.Event(), 0

    async def run() -> int:
        nonlocal runs
        runs += 1
        await gate.wait()
        return 1

    task = Pass("test", run)
    first = asyncio.create_task(task())
    await asyncio.sleep(0)
    assert await task() == 0
    assert await task() == 0
    gate.set()
    assert (await first, runs) == (2, 2)


async def test_a_pass_goes_on_until_nothing_is_left_and_stops_when_others_hold_it(ctx: Context) -> None:
    left = [3, 2, 1, 0]

    async def find() -> list[str]:
        return [ctx.tenant_id] if left else []

    async def work(_: Context) -> int:
        return left.pop(0)

    assert await until_idle(find, work) == 6
    assert left == []


async def test_an_unknown_tenant_holds_up_nobody(ctx: Context) -> None:
    done: list[str] = []

    async def find() -> list[str]:
        return [] if done else ["tnt_00000000000000000000000000", ctx.tenant_id]

    async def work(found: Context) -> int:
        done.append(found.tenant_id)
        return 1

    assert await until_idle(find, work) == 1
    assert done == [ctx.tenant_id]


async def test_a_commit_wakes_the_workers_and_an_unreachable_redis_harms_nothing(
    ctx: Context, settings: Settings
) -> None:
    wakeups = Wakeups(settings.redis_url)
    nowhere = Wakeups("redis://127.0.0.1:1/0")
    await wakeups._redis.delete(wakeups._redis.default_queue_name)
    for one in (wakeups, nowhere):
        one.start()
        on_any_commit(one.signal)
    try:
        await a_customer(ctx)
        async with asyncio.timeout(10):
            while len(await wakeups._redis.zrange(wakeups._redis.default_queue_name, 0, -1)) < len(WOKEN_TASKS):
                await asyncio.sleep(0.01)
    finally:
        forget_commit_signals()
        await wakeups._redis.delete(wakeups._redis.default_queue_name)
        await wakeups.stop()
        await nowhere.stop()


async def test_a_worker_knows_every_task_of_the_schedule(settings: Settings, database: str) -> None:
    worker = make_worker(settings)
    assert set(worker.functions) >= {line.task.__name__ for line in SCHEDULE}
    assert not await is_healthy(settings)
