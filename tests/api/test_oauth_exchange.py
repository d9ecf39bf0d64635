"""RFC 8693: a platform's token becomes a token for one of its tenants, and nothing else becomes anything."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.access.model import NewClient, RegisteredClient, Tenant
from domain.access.own_clients import register_client
from domain.access.tenants import create_tenant
from domain.kernel.context import Context, PlatformContext
from domain.storage.transaction import transaction
from tests.api.oauth_flows import ACCESS_TOKEN, EXCHANGE, a_user, an_app, claims_of, logged_in

Platform = tuple[PlatformContext, NewClient]


async def own_token(http: httpx.AsyncClient, client: NewClient, scope: str = "") -> str:
    form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
    answer = await http.post("/oauth/token", data=form, auth=(client.client_id, client.client_secret))
    token: str = answer.json()["access_token"]
    return token


async def exchange(http: httpx.AsyncClient, client: NewClient, token: str, /, **overrides: str) -> httpx.Response:
    form = {
        "grant_type": EXCHANGE,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        **overrides,
    }
    form = {name: value for name, value in form.items() if value}
    return await http.post("/oauth/token", data=form, auth=(client.client_id, client.client_secret))


async def test_a_platforms_token_becomes_its_tenants(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant
) -> None:
    answer = await exchange(anonymous, platform[1], await own_token(anonymous, platform[1]), audience=tenant.id)
    body = answer.json()
    assert (body["issued_token_type"], body["token_type"]) == (ACCESS_TOKEN, "Bearer")
    said = claims_of(body["access_token"])
    assert (said["tenant"], said["client_id"]) == (tenant.id, platform[1].client_id)
    assert "tenants:read" not in said["scope"]
    anonymous.headers["Authorization"] = f"Bearer {body['access_token']}"
    assert (await anonymous.get("/v1/customers")).status_code == 200
    assert (await anonymous.get("/v1/tenants")).status_code == 403


async def test_a_tenant_may_be_named_by_resource(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant
) -> None:
    token = await own_token(anonymous, platform[1])
    resource = f"http://127.0.0.1:8000/tenants/{tenant.id}"
    assert (await exchange(anonymous, platform[1], token, resource=resource)).status_code == 200
    both = await exchange(anonymous, platform[1], token, resource=resource, audience="tnt_01jd3k0000000000000000000a")
    assert both.json()["error"] == "invalid_target"


async def test_an_exchange_gives_no_more_scopes_than_the_subject_has(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant
) -> None:
    token = await own_token(anonymous, platform[1], "tenants:read customers:read")
    assert (await exchange(anonymous, platform[1], token, audience=tenant.id)).json()["scope"] == "customers:read"
    for more in ("customers:read customers:write", "tenants:read", "nonsense"):
        refused = await exchange(anonymous, platform[1], token, audience=tenant.id, scope=more)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    nothing = await own_token(anonymous, platform[1], "tenants:read")
    assert (await exchange(anonymous, platform[1], nothing, audience=tenant.id)).json()["error"] == "invalid_scope"


async def test_only_active_tenants_of_the_same_platform_are_targets(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, other_platform: PlatformContext
) -> None:
    theirs = await create_tenant(
        other_platform, name="x", mode="live", base_currency="CNY", time_zone="UTC", locale="en"
    )
    token = await own_token(anonymous, platform[1])
    for target in (theirs.id, "tnt_01jd3k0000000000000000000a", "x' or 1=1"):
        refused = await exchange(anonymous, platform[1], token, audience=target)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    async with transaction(platform[0]) as tx:
        await tx.execute("update tenants set status = 'suspended' where id = $1", tenant.id)
    assert (await exchange(anonymous, platform[1], token, audience=tenant.id)).json()["error"] == "invalid_target"


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": ""},
        {"subject_token": "x.y.z"},
        {"subject_token": ""},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": "x"},
    ],
)
async def test_malformed_exchanges_are_refused(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, wrong: dict[str, Any]
) -> None:
    token = await own_token(anonymous, platform[1])
    refused = await exchange(anonymous, platform[1], token, **{"audience": tenant.id, **wrong})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_tokens_of_users_tenants_and_other_clients_are_no_subjects(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    mine = platform[1]
    of_tenant = (await exchange(anonymous, mine, await own_token(anonymous, mine), audience=tenant.id)).json()
    of_user = await logged_in(anonymous, ctx, await an_app(platform[0]), await a_user(ctx))
    other = await register_client(
        platform[0], name="b", redirect_uris=[], grant_types=["client_credentials"], scopes=["customers:read"]
    )
    of_other = await own_token(anonymous, _as_new(other))
    for token in (of_tenant["access_token"], of_user["access_token"], of_other):
        refused = await exchange(anonymous, mine, token, audience=tenant.id)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    without = await exchange(anonymous, _as_new(other), of_other, audience=tenant.id)
    assert without.json()["error"] == "unauthorized_client"


async def test_a_revoked_token_is_no_subject(anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant) -> None:
    client, token = platform[1], await own_token(anonymous, platform[1])
    auth = (client.client_id, client.client_secret)
    assert (await anonymous.post("/oauth/revoke", data={"token": token}, auth=auth)).status_code == 200
    assert (await exchange(anonymous, client, token, audience=tenant.id)).json()["error"] == "invalid_request"


def _as_new(made: RegisteredClient) -> NewClient:
    client = made.client
    return NewClient(
        client_id=client.client_id,
        client_secret=made.client_secret or "",
        tenant_id=client.tenant_id,
        name=client.name,
        scopes=client.scopes,
        created_at=client.created_at,
    )
