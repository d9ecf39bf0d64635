"""authorization_code and refresh_token at the token endpoint: what works, and every way to misuse it."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from domain.access.model import Tenant
from domain.kernel.context import Context
from domain.storage.transaction import transaction
from tests.api.oauth_flows import SCOPES, a_code, a_user, an_app, claims_of, logged_in, redeem, refresh


async def test_a_code_becomes_a_users_token_and_a_refresh_token(
    anonymous: httpx.AsyncClient, ctx: Context, tenant: Tenant
) -> None:
    app, user_id = await an_app(ctx), await a_user(ctx, "collector", own_customers_only=True)
    tokens = await logged_in(anonymous, ctx, app, user_id)
    assert tokens["scope"] == " ".join(sorted(SCOPES))
    assert tokens["expires_in"] == 900
    said = claims_of(tokens["access_token"])
    assert (said["sub"], said["client_id"], said["tenant"]) == (user_id, app.client.client_id, tenant.id)
    assert (said["role"], said["own_customers"]) == ("collector", True)
    assert said["grant"].startswith("gnt_")
    anonymous.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert (await anonymous.get("/v1/customers")).status_code == 200


async def test_a_replayed_code_is_refused_and_ends_the_grant(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    app = await an_app(ctx)
    code = await a_code(ctx, app, await a_user(ctx))
    tokens = (await redeem(anonymous, app, code)).json()
    replayed = await redeem(anonymous, app, code)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    assert (await refresh(anonymous, app, tokens["refresh_token"])).json()["error"] == "invalid_grant"
    async with transaction(ctx) as tx:
        revoked = await tx.fetchval("select revoked_at is not null from grants")
        told = await tx.fetchval("select count(*) from revocations where subject like 'gnt_%'")
    assert (revoked, told) == (True, 1)


async def test_of_two_that_redeem_a_code_at_once_one_gets_a_token(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    app = await an_app(ctx)
    code = await a_code(ctx, app, await a_user(ctx))
    answers = await asyncio.gather(*(redeem(anonymous, app, code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]


async def test_the_code_of_another_client_is_refused_and_stays_good_for_its_own(
    anonymous: httpx.AsyncClient, ctx: Context
) -> None:
    app, thief = await an_app(ctx), await an_app(ctx)
    code = await a_code(ctx, app, await a_user(ctx))
    assert (await redeem(anonymous, thief, code)).json()["error"] == "invalid_grant"
    assert (await redeem(anonymous, app, code)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": "another-verifier-with-more-than-43-characters-in-it"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": "https://app.example/callback/"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"code": "tnt_01jd3k0000000000000000000a.nothing"}, "invalid_grant"),
        ({"code": "' or 1=1 --"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"client_secret": "guessed"}, "invalid_client"),
    ],
)
async def test_a_code_needs_everything_that_belongs_to_it(
    anonymous: httpx.AsyncClient, ctx: Context, wrong: dict[str, str], error: str
) -> None:
    app = await an_app(ctx)
    refused = await redeem(anonymous, app, await a_code(ctx, app, await a_user(ctx)), **wrong)
    assert refused.json()["error"] == error
    assert refused.headers["cache-control"] == "no-store"


async def test_an_expired_code_is_refused(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    app = await an_app(ctx)
    code = await a_code(ctx, app, await a_user(ctx))
    async with transaction(ctx) as tx:
        await tx.execute("update authorization_codes set expires_at = now()")
    assert (await redeem(anonymous, app, code)).json()["error"] == "invalid_grant"


async def test_no_consent_gives_more_than_the_users_role(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    app = await an_app(ctx, scopes=["customers:read", "customers:write"])
    code = await a_code(ctx, app, await a_user(ctx, "viewer"), scopes=frozenset({"customers:read", "customers:write"}))
    assert (await redeem(anonymous, app, code)).json()["scope"] == "customers:read"


async def test_refresh_tokens_rotate_and_reuse_of_an_old_one_ends_the_family(
    anonymous: httpx.AsyncClient, ctx: Context
) -> None:
    app = await an_app(ctx)
    first = (await logged_in(anonymous, ctx, app, await a_user(ctx)))["refresh_token"]
    second = (await refresh(anonymous, app, first)).json()["refresh_token"]
    assert second != first
    reused = await refresh(anonymous, app, first)
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    assert (await refresh(anonymous, app, second)).json()["error"] == "invalid_grant"


async def test_the_refresh_token_of_another_client_is_refused_and_ends_nothing(
    anonymous: httpx.AsyncClient, ctx: Context
) -> None:
    app, thief = await an_app(ctx), await an_app(ctx)
    token = (await logged_in(anonymous, ctx, app, await a_user(ctx)))["refresh_token"]
    assert (await refresh(anonymous, thief, token)).json()["error"] == "invalid_grant"
    assert (await refresh(anonymous, app, token)).status_code == 200


async def test_a_refresh_may_ask_for_less_and_never_for_more(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    app = await an_app(ctx, scopes=[*SCOPES, "customers:write"])
    token = (await logged_in(anonymous, ctx, app, await a_user(ctx)))["refresh_token"]
    more = await refresh(anonymous, app, token, scope="customers:read customers:write")
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
    less = (await refresh(anonymous, app, token, scope="customers:read")).json()
    assert less["scope"] == "customers:read"
    assert (await refresh(anonymous, app, less["refresh_token"])).json()["scope"] == " ".join(sorted(SCOPES))


async def test_a_users_role_and_standing_are_read_again_at_every_refresh(
    anonymous: httpx.AsyncClient, ctx: Context
) -> None:
    app = await an_app(ctx, scopes=["customers:read", "customers:write"])
    user_id = await a_user(ctx)
    code = await a_code(ctx, app, user_id, scopes=frozenset({"customers:read", "customers:write"}))
    token = (await redeem(anonymous, app, code)).json()["refresh_token"]
    await _set(ctx, "role = 'viewer'", user_id)
    lowered = (await refresh(anonymous, app, token)).json()
    assert lowered["scope"] == "customers:read"
    await _set(ctx, "status = 'disabled'", user_id)
    assert (await refresh(anonymous, app, lowered["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("ended", ["refresh_tokens", "grants"])
async def test_idle_and_old_families_end(anonymous: httpx.AsyncClient, ctx: Context, ended: str) -> None:
    app = await an_app(ctx)
    token = (await logged_in(anonymous, ctx, app, await a_user(ctx)))["refresh_token"]
    async with transaction(ctx) as tx:
        days = await tx.fetchrow(
            "select extract(day from g.expires_at - g.created_at)::int as absolute,"
            " extract(day from t.expires_at - t.created_at)::int as idle from grants g, refresh_tokens t"
        )
        await tx.execute(f"update {ended} set expires_at = now()")
    assert days is not None
    assert (days["absolute"], days["idle"]) == (90, 30)
    assert (await refresh(anonymous, app, token)).json()["error"] == "invalid_grant"


async def test_a_suspended_tenant_gets_no_tokens_at_all(
    anonymous: httpx.AsyncClient, ctx: Context, tenant: Tenant
) -> None:
    app = await an_app(ctx)
    machine = await an_app(
        ctx, type="confidential", grant_types=["client_credentials"], redirect_uris=[], scopes=["customers:read"]
    )
    user_id = await a_user(ctx)
    token = (await logged_in(anonymous, ctx, app, user_id))["refresh_token"]
    code = await a_code(ctx, app, user_id)
    async with transaction(ctx) as tx:
        await tx.execute("update tenants set status = 'suspended' where id = $1", tenant.id)
    assert (await redeem(anonymous, app, code)).json()["error"] == "invalid_client"
    assert (await refresh(anonymous, app, token)).json()["error"] == "invalid_client"
    auth = (machine.client.client_id, machine.client_secret or "")
    refused = await anonymous.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=auth)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def _set(ctx: Context, change: str, user_id: str) -> None:
    async with transaction(ctx) as tx:
        await tx.execute(f"update users set {change} where id = $1", user_id)
