"""Revocation, introspection and metadata; and what a bearer token must be to be accepted."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from litestar import Litestar

from domain.access.clients import add_client, create_client
from domain.access.keys import rotate_signing_key
from domain.access.model import NewClient, Tenant
from domain.access.tokens import AUDIENCE
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context, PlatformContext
from domain.kernel.ids import new_id
from domain.storage.transaction import transaction
from tests.api.oauth_flows import a_user, an_app, logged_in, refresh

Platform = tuple[PlatformContext, NewClient]


def auth(client: NewClient) -> tuple[str, str]:
    return client.client_id, client.client_secret


async def test_revoking_a_refresh_token_ends_the_grant(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    app, thief = await an_app(ctx), await an_app(ctx)
    tokens = await logged_in(anonymous, ctx, app, await a_user(ctx))
    form = {"token": tokens["refresh_token"], "client_id": thief.client.client_id}
    refused = await anonymous.post("/oauth/revoke", data=form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    form["client_id"] = app.client.client_id
    assert (await anonymous.post("/oauth/revoke", data=form)).status_code == 200
    assert (await refresh(anonymous, app, tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("token", ["unknown", "x.y.z", "tnt_01jd3k0000000000000000000a.x", "' or 1=1"])
async def test_revoking_what_is_no_token_is_200(anonymous: httpx.AsyncClient, platform: Platform, token: str) -> None:
    answer = await anonymous.post("/oauth/revoke", data={"token": token}, auth=auth(platform[1]))
    assert answer.status_code == 200


async def test_revoking_needs_the_client_and_a_token(anonymous: httpx.AsyncClient, platform: Platform) -> None:
    nobody = await anonymous.post("/oauth/revoke", data={"token": "x"})
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    assert nobody.headers["www-authenticate"].startswith('Basic realm="dunwell"')
    nothing = await anonymous.post("/oauth/revoke", data={}, auth=auth(platform[1]))
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")


async def test_introspection_tells_a_client_of_its_own_platforms_tokens_only(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context, other_platform: PlatformContext
) -> None:
    mine = await create_client(platform[0], tenant.id, name="mine", scopes=["customers:read"])
    app, user_id = await an_app(ctx), await a_user(ctx)
    tokens = await logged_in(anonymous, ctx, app, user_id)
    seen = await introspect(anonymous, auth(mine), tokens["access_token"])
    assert (seen["active"], seen["sub"], seen["tenant"]) == (True, user_id, tenant.id)
    assert (seen["token_type"], seen["client_id"], seen["role"]) == ("Bearer", app.client.client_id, "admin")
    assert (await introspect(anonymous, auth(platform[1]), tokens["access_token"]))["active"] is True
    assert (await introspect(anonymous, auth(mine), tokens["refresh_token"]))["sub"] == user_id
    platforms = await anonymous.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=auth(platform[1]))
    assert await introspect(anonymous, auth(mine), platforms.json()["access_token"]) == {"active": False}
    stranger = await _strangers_client(other_platform)
    for token in (tokens["access_token"], tokens["refresh_token"], "nonsense"):
        assert await introspect(anonymous, auth(stranger), token) == {"active": False}


async def test_what_is_revoked_used_or_suspended_is_not_active(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    app = await an_app(ctx)
    tokens = await logged_in(anonymous, ctx, app, await a_user(ctx))
    later = (await refresh(anonymous, app, tokens["refresh_token"])).json()
    ours = auth(platform[1])
    assert await introspect(anonymous, ours, tokens["refresh_token"]) == {"active": False}
    form = {"token": later["access_token"], "client_id": app.client.client_id}
    assert (await anonymous.post("/oauth/revoke", data=form)).status_code == 200
    assert await introspect(anonymous, ours, later["access_token"]) == {"active": False}
    assert (await introspect(anonymous, ours, tokens["access_token"]))["active"] is True
    async with transaction(ctx) as tx:
        await tx.execute("update tenants set status = 'suspended' where id = $1", tenant.id)
    assert await introspect(anonymous, ours, tokens["access_token"]) == {"active": False}
    assert await introspect(anonymous, ours, later["refresh_token"]) == {"active": False}


async def test_a_public_client_may_not_introspect(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    form = {"token": "x", "client_id": (await an_app(ctx)).client.client_id}
    refused = await anonymous.post("/oauth/introspect", data=form)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_the_metadata_names_every_endpoint(anonymous: httpx.AsyncClient) -> None:
    server = (await anonymous.get("/.well-known/oauth-authorization-server")).json()
    assert server["issuer"] == "http://127.0.0.1:8000"
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["authorization_response_iss_parameter_supported"] is True
    for name in ("token", "revocation", "introspection", "authorization"):
        path = server[f"{name}_endpoint"].removeprefix(server["issuer"])
        assert (await anonymous.post(path)).status_code in (400, 401), name
    resource = (await anonymous.get("/.well-known/oauth-protected-resource")).json()
    assert resource["authorization_servers"] == [server["issuer"]]


async def test_the_keys_are_public_and_the_coming_one_is_among_them(
    anonymous: httpx.AsyncClient, app: Litestar
) -> None:
    kid, active_at = await rotate_signing_key()
    assert active_at > SystemClock().now() + timedelta(minutes=9)
    await app.state.token_server.issuer.keys.read()
    keys = (await anonymous.get("/.well-known/jwks.json")).json()["keys"]
    assert kid in {key["kid"] for key in keys}
    assert len(keys) >= 2
    assert all("d" not in key for key in keys)
    assert app.state.token_server.issuer.keys.signer().kid != kid


async def test_refusals_of_the_resource_server_say_where_tokens_come_from(
    anonymous: httpx.AsyncClient, platform_api: httpx.AsyncClient
) -> None:
    metadata = 'resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource"'
    bad = await anonymous.get("/v1/tenants", headers={"Authorization": "Bearer x.y.z"})
    assert bad.headers["www-authenticate"] == f'Bearer realm="dunwell", error="invalid_token", {metadata}'
    none = await anonymous.get("/v1/tenants", headers={"Authorization": ""})
    assert none.status_code == 401
    del anonymous.headers["Authorization"]
    missing = await anonymous.get("/v1/tenants")
    assert missing.headers["www-authenticate"] == f'Bearer realm="dunwell", {metadata}'


async def test_a_missing_scope_is_named(anonymous: httpx.AsyncClient, platform: Platform) -> None:
    form = {"grant_type": "client_credentials", "scope": "clients:read"}
    token = (await anonymous.post("/oauth/token", data=form, auth=auth(platform[1]))).json()["access_token"]
    refused = await anonymous.get("/v1/tenants", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="tenants:read"' in refused.headers["www-authenticate"]


BAD: dict[str, dict[str, Any]] = {
    "another key": {"key": ECKey.generate_key("P-256")},
    "wrong audience": {"aud": "another"},
    "wrong issuer": {"iss": "https://evil.example"},
    "expired": {"exp": -1},
    "issued in the future": {"iat": 120},
    "not yet valid": {"nbf": 120},
    "wrong type": {"typ": "JWT"},
    "unknown kid": {"kid": "garbage"},
    "no jti": {"jti": None},
    "no platform": {"platform": None},
}


@pytest.mark.parametrize("name", list(BAD))
async def test_a_forged_or_stale_token_is_refused(
    anonymous: httpx.AsyncClient, app: Litestar, platform: Platform, name: str
) -> None:
    assert (await _with(anonymous, _token(app, platform, {}))).status_code == 200
    refused = await _with(anonymous, _token(app, platform, dict(BAD[name])))
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_alg_none_is_refused(anonymous: httpx.AsyncClient, app: Litestar, platform: Platform) -> None:
    kid = app.state.token_server.issuer.keys.signer().kid
    _, payload, signature = _token(app, platform, {}).split(".")
    for alg in ("none", "None", "HS256"):
        header = {"alg": alg, "typ": "at+jwt", "kid": kid}
        head = base64.urlsafe_b64encode(msgspec.json.encode(header)).decode().rstrip("=")
        for end in ("", signature):
            assert (await _with(anonymous, f"{head}.{payload}.{end}")).status_code == 401


async def test_a_few_seconds_of_difference_between_clocks_are_forgiven(
    anonymous: httpx.AsyncClient, app: Litestar, platform: Platform
) -> None:
    assert (await _with(anonymous, _token(app, platform, {"iat": 30, "nbf": 30}))).status_code == 200


async def introspect(http: httpx.AsyncClient, who: tuple[str, str], token: str) -> dict[str, Any]:
    answer = await http.post("/oauth/introspect", data={"token": token}, auth=who)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def _strangers_client(platform: PlatformContext) -> NewClient:
    async with transaction(platform):
        return await add_client(platform, tenant_id=None, name="stranger", scopes=["tenants:read"])


async def _with(http: httpx.AsyncClient, token: str) -> httpx.Response:
    return await http.get("/v1/tenants", headers={"Authorization": f"Bearer {token}"})


def _token(app: Litestar, platform: Platform, changes: dict[str, Any]) -> str:
    """A token as the server makes it, but for `changes`; times are seconds from now."""
    now, signer = int(SystemClock().now().timestamp()), app.state.token_server.issuer.keys.signer()
    claims: dict[str, Any] = {
        "iss": "http://127.0.0.1:8000",
        "aud": AUDIENCE,
        "sub": platform[1].client_id,
        "client_id": platform[1].client_id,
        "platform": platform[0].platform_id,
        "iat": now,
        "exp": now + 900,
        "jti": new_id("tok"),
        "scope": "tenants:read",
    }
    key = changes.pop("key", signer.key)
    header = {"alg": "ES256", "typ": changes.pop("typ", "at+jwt"), "kid": changes.pop("kid", signer.kid)}
    for name, value in changes.items():
        claims[name] = now + value if isinstance(value, int) else value
    return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, key)
