"""A trial: workers, debts and payments on one side, deaths and crashes on the other, until enough were killed."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from cli.demo.mail_sink import mail_sink
from domain.access.profile import engine_context
from domain.dunning.horizon import is_idle
from domain.events.address_policy import install_address_policy
from domain.storage.engine import DB
from domain.storage.migrate import migrate
from domain.storage.sealing import Sealer, install_sealer, new_key_text
from tests.fakes.server import serving
from tests.faults.crowd import Arrived, Crowd, SmsProvider, a_crowd
from tests.faults.farm import Farm
from tests.faults.servers import Servers, until_it_answers
from tests.faults.verdict import Witness, violations
from tests.faults.world import World, a_world

_WORKERS = 3
_KILLS_PER_FLUSH = 8
_KILLS_PER_CRASH = 25
_REST_SECONDS = 120.0
_TICKED = ("remind", "send", "run_operations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the trial went."""

    seed: int
    kills: int
    crashes: int
    flushes: int
    debts: int
    payments: int
    holds: int
    sent_by_crm: int
    days: int
    arrived: int
    seconds: float
    violations: list[str]


async def run_trial(kills: int, seed: int, log: Path) -> Report:
    """Runs until `kills` workers were killed and the debts of spring have seen it end; raises TimeoutError if it does not come to rest."""
    began, chance, arrivals = time.monotonic(), random.Random(seed), defaultdict[str, list[float]](list)

    def arrived(notice_id: str) -> None:
        arrivals[notice_id].append(time.monotonic())

    def received(_: str, mail: EmailMessage) -> None:
        arrived(mail["X-Dunwell-Notice"])

    with tempfile.TemporaryDirectory(prefix="dwt-", ignore_cleanup_errors=True) as folder, mail_sink(received) as smtp:
        servers = Servers(Path(folder))
        try:
            servers.start()
            async with serving(SmsProvider(chance, arrived)) as sms:
                trial = await _opened(servers, smtp, sms, chance, log, arrived)
                await trial.disturb(kills)
                await trial.come_to_rest()
            world, crowd = trial.world, trial.crowd
            seen = Witness(arrivals=arrivals, paid_at=world.paid_at, held=crowd.held, crowd=crowd.ctx.tenant_id)
            found = await violations(servers.database_url, seen)
        finally:
            await DB.close()
            servers.stop()
    return Report(
        seed=seed,
        kills=trial.farm.kills,
        crashes=trial.crashes,
        flushes=trial.flushes,
        debts=world.debts + crowd.count + 40,
        payments=len(world.paid_at),
        holds=len(crowd.held),
        sent_by_crm=len(crowd.sent_by_crm),
        days=world.days,
        arrived=sum(map(len, arrivals.values())),
        seconds=time.monotonic() - began,
        violations=found,
    )


async def _opened(servers: Servers, smtp: str, sms: str, chance: random.Random, log: Path, arrived: Arrived) -> _Trial:
    await migrate(servers.database_url)
    key = new_key_text()
    install_sealer(Sealer.from_text(key))
    install_address_policy(allow_private=True)
    await DB.open(servers.database_url, max_connections=8)
    environment = {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "DUNWELL_SECRET_KEY": key,
        "SMTP_URL": smtp,
        "LOG_LEVEL": "WARNING",
        "DUNWELL_MAX_CONNECTIONS": "6",
        "DUNWELL_ALLOW_PRIVATE_WEBHOOKS": "1",
    }
    world = await a_world(chance)
    crowd = await a_crowd(chance, world.crowded, sms, arrived, world.owed)
    return _Trial(servers, Farm(environment, _WORKERS, log), world, crowd, chance)


class _Trial:
    def __init__(self, servers: Servers, farm: Farm, world: World, crowd: Crowd, chance: random.Random) -> None:
        self.servers, self.farm, self.world, self.crowd, self.chance = servers, farm, world, crowd, chance
        self.crashes = self.flushes = 0

    async def disturb(self, kills: int) -> None:
        """Everything goes on at once until enough workers have died, and then until the moved clock has arrived."""
        self.farm.start()
        background = [
            asyncio.create_task(self._again_and_again(self.world.owe, 0.05)),
            asyncio.create_task(self._again_and_again(self.world.pay, 0.15)),
            asyncio.create_task(self._again_and_again(self.crowd.owe, 0.6)),
            asyncio.create_task(self._again_and_again(self.crowd.hold, 0.5)),
            asyncio.create_task(self._again_and_again(self.crowd.send_by_crm, 0.5)),
            asyncio.create_task(self._again_and_again(self._tick_twice, 0.1)),
        ]
        spring = asyncio.create_task(self.world.spring_comes())
        try:
            while self.farm.kills < kills or not spring.done():
                # Workers that only wait for spring to end die more seldom: where machines are slow it never would.
                await asyncio.sleep(self.chance.uniform(0.05, 0.5) * (1 if self.farm.kills < kills else 5))
                await self._one_fault()
                for task in (*background, spring):
                    if task.done():
                        task.result()
        finally:
            for task in (*background, spring):
                task.cancel()
            await asyncio.gather(*background, spring, return_exceptions=True)

    async def come_to_rest(self) -> None:
        """No more faults, until nothing is due any more."""
        tenants = [one.tenant_id for one in (self.world.live, self.world.spring, self.crowd.ctx)]
        self.farm.start()
        try:
            async with asyncio.timeout(_REST_SECONDS):
                while not all([await until_it_answers(partial(_rests, one)) for one in tenants]):
                    await asyncio.sleep(0.1)
                while await until_it_answers(self.crowd.is_waiting_for_the_crm):
                    await self.crowd.send_by_crm()
                    await asyncio.sleep(0.1)
        finally:
            self.farm.stop()

    async def _one_fault(self) -> None:
        await asyncio.to_thread(self.farm.kill_one, self.chance)
        if self.farm.kills % _KILLS_PER_FLUSH == 0:
            self.flushes += 1
            await asyncio.to_thread(self.servers.flush_redis)
        if self.farm.kills % _KILLS_PER_CRASH == 0:
            self.crashes += 1
            await asyncio.to_thread(self.servers.crash_postgres)

    async def _tick_twice(self) -> None:
        """Several workers are told to do the same at the same moment."""
        redis = ArqRedis.from_url(self.servers.redis_url)
        try:
            with suppress(RedisError, OSError):
                for task in _TICKED * 2:
                    await redis.enqueue_job(task, _expires=10)
        finally:
            await redis.aclose()

    async def _again_and_again(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            await work()
            await asyncio.sleep(self.chance.uniform(0, 2 * pause))


async def _rests(tenant_id: str) -> bool:
    return await is_idle(await engine_context(tenant_id))
