"""The API served on a real port, for judges that speak HTTP from outside this process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.kernel.context import PlatformContext
from domain.kernel.scopes import TENANT_SCOPES
from tests.api.conftest import anonymous, api, app, platform_api
from tests.api.serving import serving

__all__ = ["anonymous", "api", "app", "platform_api"]


@pytest.fixture(scope="session")
async def base_url(app: Litestar) -> AsyncIterator[str]:
    """Where the API is served."""
    async with serving(app) as url:
        yield url


@pytest.fixture
async def access_token(
    anonymous: httpx.AsyncClient, platform: tuple[PlatformContext, NewClient], tenant: Tenant
) -> str:
    """A token for the test's tenant, all scopes."""
    made = await create_client(platform[0], tenant.id, name="judge", scopes=sorted(TENANT_SCOPES))
    answer = await anonymous.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(made.client_id, made.client_secret)
    )
    token: str = answer.json()["access_token"]
    return token
