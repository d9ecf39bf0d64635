"""Tokens, scopes and the walls between tenants."""

from __future__ import annotations

import httpx
import pytest

from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.access.tenants import create_tenant
from domain.kernel.context import PlatformContext
from tests.api.conftest import signed_in

Platform = tuple[PlatformContext, NewClient]


async def test_a_wrong_secret_is_refused_like_an_unknown_client(
    anonymous: httpx.AsyncClient, platform: Platform
) -> None:
    form = {"grant_type": "client_credentials"}
    wrong = await anonymous.post("/oauth/token", data=form, auth=(platform[1].client_id, "wrong"))
    unknown = await anonymous.post("/oauth/token", data=form, auth=("cli_00000000000000000000000000", "wrong"))
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["error"] == unknown.json()["error"] == "invalid_client"


async def test_a_token_carries_only_the_scopes_asked_for(anonymous: httpx.AsyncClient, platform: Platform) -> None:
    auth = (platform[1].client_id, platform[1].client_secret)
    form = {"grant_type": "client_credentials", "scope": "tenants:read"}
    token = (await anonymous.post("/oauth/token", data=form, auth=auth)).json()
    assert token["scope"] == "tenants:read"
    anonymous.headers["Authorization"] = f"Bearer {token['access_token']}"
    tenant = {"name": "x", "mode": "live", "base_currency": "CNY", "time_zone": "UTC", "locale": "en"}
    refused = await anonymous.post("/v1/tenants", json=tenant)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert "insufficient_scope" in refused.headers["www-authenticate"]


async def test_a_scope_the_client_does_not_have_is_refused(anonymous: httpx.AsyncClient, platform: Platform) -> None:
    auth = (platform[1].client_id, platform[1].client_secret)
    form = {"grant_type": "client_credentials", "scope": "tenants:read nonsense:read"}
    refused = await anonymous.post("/oauth/token", data=form, auth=auth)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "tenants:read"}, "unsupported_grant_type"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "invalid_request"),
    ],
)
async def test_a_malformed_token_request_is_refused(
    anonymous: httpx.AsyncClient, platform: Platform, form: dict[str, str], error: str
) -> None:
    auth = (platform[1].client_id, platform[1].client_secret)
    refused = await anonymous.post("/oauth/token", data=form, auth=auth)
    assert (refused.status_code, refused.json()["error"]) == (400, error)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_401(anonymous: httpx.AsyncClient, header: str) -> None:
    refused = await anonymous.get("/v1/customers", headers={"Authorization": header} if header else {})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_a_tampered_token_is_401(api: httpx.AsyncClient) -> None:
    token = api.headers["Authorization"]
    flipped = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    assert (await api.get("/v1/customers", headers={"Authorization": flipped})).status_code == 401


async def test_one_tenant_never_sees_another_ones_objects(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant
) -> None:
    other = await create_tenant(
        platform[0], name="Other", mode="live", base_currency="CNY", time_zone="UTC", locale="en"
    )
    scopes = ["customers:read", "customers:write"]
    mine = await create_client(platform[0], tenant.id, name="mine", scopes=scopes)
    theirs = await create_client(platform[0], other.id, name="theirs", scopes=scopes)
    await signed_in(anonymous, mine.client_id, mine.client_secret)
    secret = (await anonymous.post("/v1/customers", json={"name": "secret", "external_id": "c-1"})).json()
    await signed_in(anonymous, theirs.client_id, theirs.client_secret)
    assert (await anonymous.get(f"/v1/customers/{secret['id']}")).status_code == 404
    assert (await anonymous.get("/v1/customers/external/c-1")).status_code == 404
    assert (await anonymous.patch(f"/v1/customers/{secret['id']}", json={"name": "x"})).status_code == 404
    assert (await anonymous.get("/v1/customers")).json()["data"] == []
    assert (await anonymous.post("/v1/customers", json={"name": "b", "external_id": "c-1"})).status_code == 201


async def test_a_platform_token_opens_no_tenants_door(platform_api: httpx.AsyncClient) -> None:
    refused = await platform_api.get("/v1/customers")
    assert (refused.status_code, refused.json()["code"]) == (403, "tenant_token_required")


async def test_a_platform_sees_only_its_own_tenants(
    platform_api: httpx.AsyncClient, tenant: Tenant, database: str
) -> None:
    mine = (await platform_api.get("/v1/tenants")).json()["data"]
    assert [found["id"] for found in mine] == [tenant.id]


async def test_every_unknown_path_and_method_is_a_problem(anonymous: httpx.AsyncClient) -> None:
    missing = await anonymous.get("/nowhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_path")
    wrong = await anonymous.get("/oauth/token")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_the_docs_need_nothing_from_outside(anonymous: httpx.AsyncClient) -> None:
    page = (await anonymous.get("/docs")).text
    assert "http" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        assert (await anonymous.get(f"/docs/assets/{asset}")).status_code == 200
    assert (await anonymous.get("/docs/assets/..%2Fapp.py")).status_code == 404


async def test_health_readiness_and_metrics_answer(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/healthz")).json() == {"status": "ok"}
    assert (await anonymous.get("/readyz")).json() == {"postgresql": "ok", "redis": "ok"}
    assert "dunwell_requests" in (await anonymous.get("/metrics")).text
