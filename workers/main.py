"""The arq worker: opens what its tasks need, runs the schedule, stops gracefully."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

import structlog
import uvloop
from arq import cron, func
from arq.connections import ArqRedis, RedisSettings
from arq.constants import health_check_key_suffix
from arq.worker import Worker
from prometheus_client import start_http_server
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from domain.access.public_url import install_public_url
from domain.events.address_policy import install_address_policy
from domain.kernel.logs import configure_logs
from domain.kernel.settings import Settings
from domain.storage.engine import DB
from domain.storage.sealing import Sealer, install_sealer
from domain.storage.transaction import finish_after_commit, no_longer_finish
from workers.channels.registry import AccountChannels, channels_from, close_channels
from workers.http import GuardedHttp
from workers.memory import suit_batches
from workers.schedule import SCHEDULE
from workers.tasks.confirmations import asking_for_confirmations
from workers.tasks.reminders import reminding, sending
from workers.tasks.revocations import publish_after_commit
from workers.tasks.webhooks import Posting

logger = structlog.get_logger("dunwell.workers")


async def open_resources(worker: dict[str, Any], settings: Settings) -> None:
    """Puts database, channels, HTTP client and passes where the tasks find them."""
    install_sealer(Sealer.from_text(settings.secret_key))
    install_public_url(settings.public_url)
    install_address_policy(allow_private=settings.allow_private_webhooks)
    await DB.open(settings.database_url, max_connections=settings.max_connections)
    worker["http"] = await GuardedHttp(allow_private=settings.allow_private_webhooks).__aenter__()
    worker["channels"] = channels_from(settings)
    worker["remind"] = reminding()
    worker["accounts"] = AccountChannels(worker["http"])
    worker["send"] = sending(worker["channels"], worker["accounts"])
    worker["ask_for_confirmations"] = asking_for_confirmations(worker["accounts"])
    worker["post_webhooks"] = Posting(worker["http"].post)


async def close_resources(worker: dict[str, Any]) -> None:
    """Closes what `open_resources` opened."""
    if "publish" in worker:
        no_longer_finish(worker["publish"])
    await worker["post_webhooks"].stop()
    await close_channels(worker["channels"])
    await worker["accounts"].close()
    await worker["http"].__aexit__(None, None, None)
    await DB.close()


def make_worker(settings: Settings, *, burst: bool = False) -> Worker:
    """A worker on the database and Redis that `settings` name; any number of them may run at once."""

    async def on_startup(worker: dict[str, Any]) -> None:
        await open_resources(worker, settings)
        worker["publish"] = partial(publish_after_commit, worker)
        finish_after_commit(worker["publish"])
        logger.info("worker ready")

    return Worker(
        functions=[
            func(cast(Any, line.task), name=line.task.__name__, timeout=line.timeout, keep_result=0)
            for line in SCHEDULE
        ],
        cron_jobs=[
            cron(
                cast(Any, line.task),
                second=set(line.seconds),
                minute=set(line.minutes) if line.minutes else None,
                timeout=line.timeout,
                keep_result=0,
            )
            for line in SCHEDULE
        ],
        redis_settings=patient(settings.redis_url),
        on_startup=cast(Any, on_startup),
        on_shutdown=cast(Any, close_resources),
        job_completion_wait=20,
        keep_result=0,
        max_jobs=50,
        max_tries=1,
        poll_delay=0.05,
        health_check_interval=10,
        burst=burst,
        handle_signals=True,
        log_results=False,
    )


def patient(redis_url: str) -> RedisSettings:
    """Redis settings that outlive a restart of Redis: a refused connection is an OSError, which redis-py does not retry alone."""
    settings = RedisSettings.from_dsn(redis_url)
    settings.retry = Retry(ExponentialBackoff(cap=1, base=0.05), 60)
    settings.retry_on_error = [RedisConnectionError, RedisTimeoutError, OSError]
    return settings


def run(settings: Settings, metrics_port: int | None = None) -> None:
    """Runs a worker until it is told to stop."""
    configure_logs(settings.log_level)
    if metrics_port is not None:
        start_http_server(metrics_port, addr="127.0.0.1")
    asyncio.set_event_loop(uvloop.new_event_loop())
    suit_batches()
    make_worker(settings).run()


async def is_healthy(settings: Settings) -> bool:
    """Whether a worker on this Redis has given a sign of life within the last seconds."""
    redis = ArqRedis.from_url(settings.redis_url)
    try:
        return await redis.get(f"{redis.default_queue_name}{health_check_key_suffix}") is not None
    finally:
        await redis.aclose()
