"""The API in this process, called as an integrator's program would, with a token from its own token endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.app import create_app, resources
from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.kernel.context import PlatformContext
from domain.kernel.scopes import TENANT_SCOPES
from domain.kernel.settings import Settings

Graph = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="session")
async def app(database: str, settings: Settings) -> AsyncIterator[Litestar]:
    """The running application, on the database that is already open in this process."""
    made = create_app(settings)
    async with resources(made.state, settings):
        yield made


@pytest.fixture
async def anonymous(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
async def platform_api(anonymous: httpx.AsyncClient, platform: tuple[PlatformContext, NewClient]) -> httpx.AsyncClient:
    """A client with the platform's token."""
    return await signed_in(anonymous, platform[1].client_id, platform[1].client_secret)


@pytest.fixture
async def api(
    anonymous: httpx.AsyncClient, platform: tuple[PlatformContext, NewClient], tenant: Tenant
) -> httpx.AsyncClient:
    """A client with a token for the test's tenant, all scopes."""
    made = await create_client(platform[0], tenant.id, name="test", scopes=sorted(TENANT_SCOPES))
    return await signed_in(anonymous, made.client_id, made.client_secret)


@pytest.fixture
def graph(api: httpx.AsyncClient) -> Graph:
    """Runs a GraphQL operation and answers the whole body."""

    async def run(query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await api.post("/graphql", json={"query": query, "variables": variables or {}})
        body: dict[str, Any] = answer.json()
        return body

    return run


async def signed_in(client: httpx.AsyncClient, client_id: str, secret: str) -> httpx.AsyncClient:
    """The client with a fresh bearer token."""
    answer = await client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client
