"""The revocations' task: what an API process could not bring to Redis is brought there, and what can refuse nothing is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from redis.exceptions import RedisError

from domain.access.publishing import forget_expired, publish_pending

logger = structlog.get_logger("dunwell.workers")


async def publish_revocations(worker: dict[str, Any]) -> int:
    """How many were published."""
    await forget_expired()
    return await _publish(worker)


async def publish_after_commit(worker: dict[str, Any]) -> None:
    """For what this process itself revokes; if Redis is away, the next tick does it."""
    try:
        await _publish(worker)
    except (RedisError, OSError) as away:
        logger.warning("revocations not published yet", error=str(away))


async def _publish(worker: dict[str, Any]) -> int:
    async def evaluate(script: str, arguments: Sequence[str]) -> Any:
        return await worker["redis"].eval(script, 0, *arguments)

    return await publish_pending(evaluate)
