"""Limits on requests, as an integrator meets them; the window's clock is moved, nobody sleeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar import Litestar
from prometheus_client import REGISTRY

from api.app import create_app, resources
from api.gate.gate import Gate
from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.access.tenant_changes import activate_tenant, suspend_tenant
from domain.kernel.context import PlatformContext
from domain.kernel.errors import TooManyRequests
from domain.kernel.settings import Settings
from domain.storage.transaction import on_any_commit
from tests.api.conftest import signed_in

Platform = tuple[PlatformContext, NewClient]
START = datetime(2026, 1, 5, 1, 0, 20, tzinfo=UTC)


@dataclass(slots=True)
class MovedClock:
    """Stands until the test moves it."""

    instant: datetime = START

    def now(self) -> datetime:
        """Where it stands."""
        return self.instant


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def narrow(app: Litestar, settings: Settings, clock: MovedClock) -> AsyncIterator[Litestar]:
    """An application with small limits, beside the one of the other tests."""
    few = replace(settings, client_rate=3, tenant_rate=5, token_client_rate=4, token_address_rate=0, sign_in_rate=30)
    made = create_app(few)
    async with resources(made.state, few):
        made.state.gate.clock = clock
        yield made
    on_any_commit(app.state.wakeups.signal)


def caller(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver")  # type: ignore[arg-type]


async def a_caller(app: Litestar, platform: Platform, tenant: Tenant) -> httpx.AsyncClient:
    made = await create_client(platform[0], tenant.id, name="test", scopes=["customers:read"])
    return await signed_in(caller(app), made.client_id, made.client_secret)


async def test_a_client_is_told_its_limit_and_refused_above_it_until_the_window_ends(
    narrow: Litestar, platform: Platform, tenant: Tenant, clock: MovedClock
) -> None:
    busy, other = await a_caller(narrow, platform, tenant), await a_caller(narrow, platform, tenant)
    answers = [await busy.get("/v1/customers") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"client";q=3;w=60, "tenant";q=5;w=60'
    assert answers[0].headers["ratelimit"] == '"client";r=2;t=40, "tenant";r=4;t=40'
    refused = answers[3]
    assert refused.headers["retry-after"] == "40"
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert (refused.json()["code"], refused.headers["ratelimit"]) == (
        "rate_limited",
        '"client";r=0;t=40, "tenant";r=1;t=40',
    )
    assert (REGISTRY.get_sample_value("dunwell_limited_total", {"limit": "client"}) or 0) >= 1

    assert (await other.get("/v1/customers")).status_code == 200
    shared = await other.get("/v1/customers")
    assert (shared.status_code, shared.json()["detail"]) == (429, "More than 5 requests a minute for this tenant.")

    clock.instant += timedelta(seconds=40)
    again = await busy.get("/v1/customers")
    assert (again.status_code, again.headers["ratelimit"]) == (200, '"client";r=2;t=60, "tenant";r=4;t=60')


async def test_graphql_and_errors_carry_the_headers_too(narrow: Litestar, platform: Platform, tenant: Tenant) -> None:
    client = await a_caller(narrow, platform, tenant)
    graph = await client.post("/graphql", json={"query": "{ customers { edges { node { id } } } }"})
    missing = await client.get("/v1/customers/cus_00000000000000000000000000")
    refused = await client.post("/v1/customers", json={"name": "x"})
    assert (graph.status_code, missing.status_code, refused.status_code) == (200, 404, 403)
    assert [a.headers["ratelimit"].split(";")[1] for a in (graph, missing, refused)] == ["r=2", "r=1", "r=0"]


async def test_the_token_endpoint_has_a_limit_of_its_own(narrow: Litestar, platform: Platform) -> None:
    form, auth = {"grant_type": "client_credentials"}, (platform[1].client_id, "wrong")
    answers = [await caller(narrow).post("/oauth/token", data=form, auth=auth) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429]
    assert answers[4].headers["retry-after"] == "40"


async def test_sign_in_attempts_are_limited_by_address(narrow: Litestar) -> None:
    attempts = narrow.state.attempts
    for _ in range(30):
        await attempts.at_sign_in("203.0.113.7")
    with pytest.raises(TooManyRequests):
        await attempts.at_sign_in("203.0.113.7")
    await attempts.at_sign_in("203.0.113.8")


async def test_a_suspended_tenants_token_is_refused_by_the_next_request_and_new_ones_work_afterwards(
    narrow: Litestar, platform: Platform, tenant: Tenant
) -> None:
    client = await a_caller(narrow, platform, tenant)
    gate: Gate = narrow.state.gate
    assert gate.trusts_redis
    assert (await client.get("/v1/customers")).status_code == 200
    await suspend_tenant(platform[0], tenant.id)
    refused = await client.get("/v1/customers")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    await activate_tenant(platform[0], tenant.id)
    assert (await client.get("/v1/customers")).status_code == 401
    again = await a_caller(narrow, platform, tenant)
    assert (await again.get("/v1/customers")).status_code == 200


async def test_tenants_are_changed_through_rest_and_graphql(platform_api: httpx.AsyncClient, tenant: Tenant) -> None:
    path = f"/v1/tenants/{tenant.id}"
    changed = await platform_api.patch(path, json={"name": "Acme Ltd"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.headers["etag"]) == ("Acme Ltd", '"2"')
    stale = await platform_api.post(f"{path}/suspend", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await platform_api.post(f"{path}/suspend")).json()["status"] == "suspended"
    listed = (await platform_api.get("/v1/tenants?status=suspended")).json()["data"]
    assert [one["id"] for one in listed] == [tenant.id]
    query = "mutation($id: ID!) { activateTenant(id: $id) { status version } }"
    answer = await platform_api.post("/graphql", json={"query": query, "variables": {"id": tenant.id}})
    assert answer.json()["data"]["activateTenant"] == {"status": "active", "version": 4}
    assert (await platform_api.post(f"{path}/close")).json()["status"] == "closed"
    assert (await platform_api.post(f"{path}/activate")).json()["code"] == "tenant_closed"
    fields = {"name": "B", "mode": "live", "base_currency": "CNY", "time_zone": "UTC", "locale": "en"}
    put = await platform_api.put("/v1/tenants/external/crm-7", json=fields)
    assert (put.json()["external_id"], put.headers["etag"]) == ("crm-7", '"1"')
