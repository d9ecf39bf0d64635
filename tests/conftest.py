"""What every test may ask for: a real PostgreSQL, a tenant of its own in it, and a context to work in."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from cli.servers import EmbeddedServers, ServerUrls
from domain.access.model import NewClient, Tenant
from domain.access.platforms import create_platform
from domain.access.profile import engine_context
from domain.access.tenants import create_tenant
from domain.dunning.plan_presets import install_presets_in_new_tenants
from domain.events.address_policy import install_address_policy
from domain.kernel.context import Actor, Context, PlatformContext
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES
from domain.kernel.settings import Settings
from domain.storage.engine import DB
from domain.storage.migrate import migrate
from domain.storage.sealing import Sealer, install_sealer, new_key_text
from tests.factories import tenant_context
from tests.settings import settings_for

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai


@pytest.fixture(scope="session")
def servers() -> Iterator[ServerUrls]:
    """PostgreSQL and Redis: those of DATABASE_URL and REDIS_URL, else private ones out of the wheels."""
    with tempfile.TemporaryDirectory(prefix="dwt-", ignore_cleanup_errors=True) as folder:
        with EmbeddedServers(Path(folder)) as urls:
            yield urls


@pytest.fixture(scope="session")
async def database_url(servers: ServerUrls) -> AsyncIterator[str]:
    """A migrated database of this test run's own, dropped afterwards."""
    name = f"dunwell_test_{os.getpid()}_{secrets.token_hex(3)}"
    admin = await asyncpg.connect(servers.database_url)
    await admin.execute(f"create database {name}")
    url = servers.for_database(name).database_url
    await migrate(url)
    yield url
    await DB.close()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture(scope="session")
def settings(database_url: str, servers: ServerUrls) -> Settings:
    """The settings of everything that runs in this process."""
    return settings_for(database_url, servers.redis_url, new_key_text())


@pytest.fixture(scope="session")
async def database(settings: Settings) -> str:
    """This process's engine, open on the test database under the application's role."""
    install_sealer(Sealer.from_text(settings.secret_key))
    install_address_policy(allow_private=settings.allow_private_webhooks)
    install_presets_in_new_tenants()
    await DB.open(settings.database_url, max_connections=settings.max_connections)
    return settings.database_url


@pytest.fixture
async def platform(database: str) -> tuple[PlatformContext, NewClient]:
    """A platform of the test's own, and its client."""
    made, client = await create_platform("Test CRM")
    return PlatformContext(platform_id=made.id, actor=Actor("client", client.client_id), scopes=PLATFORM_SCOPES), client


@pytest.fixture
async def other_platform(database: str) -> PlatformContext:
    """A platform that has nothing to do with the test's."""
    made, client = await create_platform("Another CRM")
    return PlatformContext(platform_id=made.id, actor=Actor("client", client.client_id), scopes=PLATFORM_SCOPES)


@pytest.fixture
async def tenant(platform: tuple[PlatformContext, NewClient]) -> Tenant:
    """A sandbox tenant whose test clock stands at NOW."""
    return await create_tenant(
        platform[0],
        name="Acme Receivables",
        mode="sandbox",
        base_currency="CNY",
        time_zone="Asia/Shanghai",
        locale="en",
        test_clock_at=NOW,
    )


@pytest.fixture
async def ctx(tenant: Tenant) -> Context:
    """Work inside the tenant with every scope."""
    return await tenant_context(tenant.id)


@pytest.fixture
async def system(tenant: Tenant) -> Context:
    """The engine's own context inside the tenant."""
    return await engine_context(tenant.id)


@pytest.fixture
def all_scopes() -> frozenset[str]:
    """Every scope of a tenant's token."""
    return TENANT_SCOPES
