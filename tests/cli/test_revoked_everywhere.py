"""Two API processes: what one of them revokes, the other refuses with its next request, also across a restart of Redis."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from bench.load import free_port, wait_until_open
from cli.embedded_redis import EmbeddedRedis
from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.kernel.context import PlatformContext
from domain.kernel.settings import Settings
from tests.api.conftest import signed_in
from tests.api.gates import own_redis

Platform = tuple[PlatformContext, NewClient]
Processes = tuple[httpx.AsyncClient, httpx.AsyncClient, EmbeddedRedis]


@pytest.fixture
async def processes(settings: Settings) -> AsyncIterator[Processes]:
    """Two servers on the test's database and a Redis of their own."""
    ports, started = (free_port(), free_port()), []
    with own_redis() as redis:
        environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": redis.url,
            "DUNWELL_SECRET_KEY": settings.secret_key,
            "LOG_LEVEL": "ERROR",
        }
        try:
            for port in ports:
                command = [sys.executable, "-m", "uvicorn", "api.asgi:app", "--port", str(port), "--log-level", "error"]
                started.append(subprocess.Popen(command, env=environment))
            for port in ports:
                await wait_until_open(port)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}") as one:
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[1]}") as two:
                    yield one, two, redis
        finally:
            for process in started:
                process.terminate()
                process.wait(timeout=20)


async def test_a_suspension_by_one_process_is_respected_by_the_other_at_once(
    processes: Processes, platform: Platform, tenant: Tenant, database: str
) -> None:
    one, two, redis = processes
    await signed_in(one, platform[1].client_id, platform[1].client_secret)
    made = await create_client(platform[0], tenant.id, name="test", scopes=["customers:read"])
    for turn in range(5):
        await signed_in(two, made.client_id, made.client_secret)
        assert (await two.get("/v1/customers")).status_code == 200
        if turn == 3:
            redis.stop()
        assert (await one.post(f"/v1/tenants/{tenant.id}/suspend")).status_code == 200
        assert (await two.get("/v1/customers")).status_code == 401
        if turn == 3:
            redis.start()
            for _ in range(20):
                assert (await two.get("/v1/customers")).status_code == 401
        assert (await one.post(f"/v1/tenants/{tenant.id}/activate")).status_code == 200
        assert (await two.get("/v1/customers")).status_code == 401
