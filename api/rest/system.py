"""Health, readiness and metrics, for those who run the server."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from domain.storage.transaction import unbound


@get("/healthz", operation_id="Health", include_in_schema=False)
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", operation_id="Ready", include_in_schema=False)
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """PostgreSQL answers, without which nothing works; Redis is reported, but only wakes workers sooner."""
    parts = {"postgresql": "ok", "redis": "ok"}
    try:
        async with unbound() as tx:
            await tx.fetchval("select 1")
    except (OSError, asyncpg.PostgresError, TimeoutError):
        parts["postgresql"] = "unreachable"
    try:
        await request.app.state.wakeups.ping()
    except (OSError, RedisError):
        parts["redis"] = "unreachable"
    return Response(parts, status_code=200 if parts["postgresql"] == "ok" else 503)


@get("/metrics", operation_id="Metrics", include_in_schema=False)
async def metrics() -> Response[bytes]:
    """Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


ROUTES = [healthz, readyz, metrics]
