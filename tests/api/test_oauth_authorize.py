"""/oauth/authorize: who is let through to the sign-in pages, and where everybody else is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from domain.access.model import NewClient, RegisteredClient, Tenant
from domain.access.tenants import create_tenant
from domain.kernel.context import Context, PlatformContext
from domain.storage.transaction import reading
from tests.api.oauth_flows import CALLBACK, CHALLENGE, an_app

ISSUER = "http://127.0.0.1:8000"

Begun = Callable[[], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def begun(platform: tuple[PlatformContext, NewClient]) -> Begun:
    """What was handed over to the sign-in pages, oldest first."""

    async def kept() -> list[dict[str, Any]]:
        async with reading(platform[0]) as tx:
            rows = await tx.fetch("select * from sign_ins where platform_id = $1 order by id", platform[0].platform_id)
            return [dict(row) for row in rows]

    return kept


async def ask(http: httpx.AsyncClient, client: RegisteredClient, **overrides: str) -> httpx.Response:
    fields = {
        "client_id": client.client.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "customers:read",
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **overrides,
    }
    return await http.get("/oauth/authorize", params={name: value for name, value in fields.items() if value})


def sent_back(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def test_a_good_request_goes_on_to_the_sign_in_page(
    anonymous: httpx.AsyncClient, ctx: Context, tenant: Tenant, begun: Begun
) -> None:
    client = await an_app(ctx)
    answer = await ask(anonymous, client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/oauth/sign-in")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("dunwell-sign-in=plt_")
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/"))
    (asked,) = await begun()
    assert asked["tenant_id"] == tenant.id
    assert asked["scopes"] == ["customers:read"]
    assert (asked["redirect_uri"], asked["state"], asked["code_challenge"]) == (CALLBACK, "s-1", CHALLENGE)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": '"<é>\\'}, "invalid_request"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"scope": "customers:read customers:write"}, "invalid_scope"),
        ({"scope": "tenants:read"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"request_uri": "https://evil.example/r"}, "invalid_request"),
        ({"tenant": "tnt_01jd3k0000000000000000000a"}, "invalid_request"),
        ({"nonce": "x" * 2001}, "invalid_request"),
    ],
)
async def test_faults_are_told_to_the_client_by_redirect(
    anonymous: httpx.AsyncClient, ctx: Context, begun: Begun, wrong: dict[str, str], error: str
) -> None:
    told = sent_back(await ask(anonymous, await an_app(ctx), **wrong))
    assert (told["error"], told["state"], told["iss"]) == (error, "s-1", ISSUER)
    assert await begun() == []


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "https://app.example/callback/",
        "https://app.example/callback?x=1",
        "https://app.example/Callback",
        "https://app.example:444/callback",
        "https://app.example.evil.example/callback",
        "https://app.example@evil.example/callback",
        "http://app.example/callback",
        "https://app.example/callback#fragment",
        "https://app.example/callback/../x",
        "https://app.example/callback\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "data:text/html,x",
        "",
    ],
)
async def test_a_near_miss_of_the_redirect_uri_leads_nowhere(
    anonymous: httpx.AsyncClient, ctx: Context, begun: Begun, uri: str
) -> None:
    answer = await ask(anonymous, await an_app(ctx), redirect_uri=uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert await begun() == []


@pytest.mark.parametrize(
    ("registered", "asked", "goes_on"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:52013/cb", True),
        ("http://[::1]:1/cb", "http://[::1]:52013/cb", True),
        ("http://127.0.0.1/cb", "http://127.0.0.1:52013/cb/x", False),
        ("http://127.0.0.1/cb", "http://localhost:52013/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:52013@evil.example/cb", False),
        ("http://127.0.0.1/cb", "https://127.0.0.1:52013/cb", False),
        ("com.example.app:/cb", "com.example.app:/cb", True),
        ("com.example.app:/cb", "com.example.app:/cb2", False),
        ("https://app.example/cb", "https://app.example:8443/cb", False),
    ],
)
async def test_only_native_apps_may_choose_a_port(
    anonymous: httpx.AsyncClient,
    ctx: Context,
    begun: Begun,
    registered: str,
    asked: str,
    goes_on: bool,
) -> None:
    answer = await ask(anonymous, await an_app(ctx, redirect_uris=[registered]), redirect_uri=asked)
    assert answer.status_code == (303 if goes_on else 400)
    assert len(await begun()) == goes_on


@pytest.mark.parametrize(
    "client_id", ["", "cli_00000000000000000000000000", "x\r\nLocation: https://evil.example", "' or 1=1"]
)
async def test_an_unknown_client_leads_nowhere(
    anonymous: httpx.AsyncClient, ctx: Context, begun: Begun, client_id: str
) -> None:
    answer = await ask(anonymous, await an_app(ctx), client_id=client_id)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_a_revoked_client_leads_nowhere(
    anonymous: httpx.AsyncClient, ctx: Context, api: httpx.AsyncClient
) -> None:
    client = await an_app(ctx)
    assert (await api.delete(f"/v1/clients/{client.client.client_id}")).status_code == 200
    assert (await ask(anonymous, client)).status_code == 400


@pytest.mark.parametrize("repeated", ["client_id", "redirect_uri", "scope", "state", "code_challenge", "other"])
async def test_repeated_parameters_are_refused(
    anonymous: httpx.AsyncClient, ctx: Context, begun: Begun, repeated: str
) -> None:
    client = await an_app(ctx)
    fields = {"client_id": client.client.client_id, "redirect_uri": CALLBACK, "response_type": "code"}
    query = f"{urlencode(fields)}&{repeated}=a&{repeated}=b"
    answer = await anonymous.get(f"/oauth/authorize?{query}")
    if repeated in ("client_id", "redirect_uri"):
        assert answer.status_code == 400
    else:
        told = sent_back(answer)
        assert told["error"] == "invalid_request"
        assert "state" not in told
    assert await begun() == []


@pytest.mark.parametrize("state", ["a\r\nSet-Cookie: x=y", "a\x00b", "é"])
async def test_a_state_that_could_split_a_header_is_not_sent_back(
    anonymous: httpx.AsyncClient, ctx: Context, begun: Begun, state: str
) -> None:
    answer = await ask(anonymous, await an_app(ctx), state=state)
    told = sent_back(answer)
    assert told["error"] == "invalid_request"
    assert "state" not in told
    assert "set-cookie" not in answer.headers


async def test_parameters_in_query_and_body_are_refused(
    anonymous: httpx.AsyncClient, ctx: Context, begun: Begun
) -> None:
    client = await an_app(ctx)
    fields = {
        "client_id": client.client.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "customers:read",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    assert (await anonymous.post("/oauth/authorize?state=x", data=fields)).status_code == 400
    assert (await anonymous.post("/oauth/authorize", data=fields)).headers["location"] == "/oauth/sign-in"


async def test_a_platforms_app_names_one_of_its_own_tenants(
    anonymous: httpx.AsyncClient,
    platform: tuple[PlatformContext, NewClient],
    tenant: Tenant,
    begun: Begun,
) -> None:
    client = await an_app(platform[0])
    assert (await ask(anonymous, client, tenant=tenant.id)).headers["location"] == "/oauth/sign-in"
    assert (await ask(anonymous, client)).headers["location"] == "/oauth/sign-in"
    assert [asked["tenant_id"] for asked in await begun()] == [tenant.id, None]
    for stranger in ("tnt_01jd3k0000000000000000000a", "x' or 1=1"):
        assert sent_back(await ask(anonymous, client, tenant=stranger))["error"] == "invalid_request"


async def test_a_client_without_that_grant_is_sent_back(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    machine = await an_app(ctx, type="confidential", grant_types=["client_credentials"])
    assert sent_back(await ask(anonymous, machine))["error"] == "unauthorized_client"


async def test_another_platforms_tenant_is_unknown(
    anonymous: httpx.AsyncClient,
    platform: tuple[PlatformContext, NewClient],
    begun: Begun,
    other_platform: PlatformContext,
) -> None:
    theirs = await create_tenant(
        other_platform, name="x", mode="live", base_currency="CNY", time_zone="UTC", locale="en"
    )
    told = sent_back(await ask(anonymous, await an_app(platform[0]), tenant=theirs.id))
    assert told["error"] == "invalid_request"
