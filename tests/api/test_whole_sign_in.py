"""From a mobile app's authorization request to a user at work, through every page, and out again."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from litestar import Litestar
from playwright.async_api import Browser, expect

from domain.access.model import RegisteredClient, Tenant
from domain.access.public_url import public_url
from domain.access.users import disable_user
from domain.kernel.context import Context
from tests.api.oauth_flows import CALLBACK, CHALLENGE, an_app, claims_of, redeem, refresh
from tests.api.serving import serving
from tests.api.signing_in import PASSWORD, Person, a_user, token_in
from tests.api.test_pages_in_a_browser import CHROMIUM, chromium

__all__ = ["chromium"]

EMAIL = "li.na@acme.example"
SCOPE = "customers:read profile:read webhooks:read"


@pytest.fixture
async def person(ctx: Context) -> Person:
    return await a_user(ctx, EMAIL)


@pytest.fixture
async def mobile_app(ctx: Context) -> RegisteredClient:
    return await an_app(ctx, scopes=SCOPE.split())


def asking(app: RegisteredClient) -> dict[str, str]:
    return {
        "client_id": app.client.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": SCOPE,
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


async def answers(http: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Sends the form of the page that the browser is shown."""
    page = await http.get("/oauth/sign-in")
    return await http.post(path, data={"form_token": token_in(page.text), **fields})


async def test_a_user_signs_in_works_and_is_shut_out(
    anonymous: httpx.AsyncClient, ctx: Context, tenant: Tenant, person: Person, mobile_app: RegisteredClient
) -> None:
    begun = await anonymous.get("/oauth/authorize", params=asking(mobile_app))
    assert (begun.status_code, begun.headers["location"]) == (303, "/oauth/sign-in")
    proved = await answers(anonymous, "/oauth/sign-in", email=EMAIL.upper(), password=PASSWORD)
    assert (proved.status_code, proved.headers["location"]) == (303, "/oauth/sign-in")
    back = await answers(anonymous, "/oauth/sign-in/consent", answer="allow")
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert (back.status_code, query["state"], query["iss"]) == (303, ["s-1"], [public_url()])

    tokens = (await redeem(anonymous, mobile_app, query["code"][0])).json()
    claims = claims_of(tokens["access_token"])
    assert (claims["sub"], claims["tenant"], claims["role"]) == (person.user.id, tenant.id, "collector")
    # A collector's role does not reach webhooks, whatever the app asks for.
    assert set(tokens["scope"].split()) == {"customers:read", "profile:read"}
    anonymous.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    profile = (await anonymous.get("/v1/profile")).json()
    assert (profile["id"], profile["email"]) == (person.user.id, "l***@acme.example")
    assert (await anonymous.get("/v1/customers")).status_code == 200

    await disable_user(ctx, person.user.id)
    shut_out = await anonymous.get("/v1/customers")
    assert (shut_out.status_code, shut_out.json()["code"]) == (401, "token_revoked")
    del anonymous.headers["Authorization"]
    refused = await refresh(anonymous, mobile_app, tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_whoever_says_no_sends_the_app_away(
    anonymous: httpx.AsyncClient, person: Person, mobile_app: RegisteredClient
) -> None:
    await anonymous.get("/oauth/authorize", params=asking(mobile_app))
    await answers(anonymous, "/oauth/sign-in", email=EMAIL, password=PASSWORD)
    back = await answers(anonymous, "/oauth/sign-in/consent", answer="deny")
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert query == {"error": ["access_denied"], "state": ["s-1"], "iss": [public_url()]}
    assert (await anonymous.get("/oauth/sign-in")).status_code == 410


async def test_an_app_that_asks_wrongly_is_shown_and_leads_nowhere(anonymous: httpx.AsyncClient) -> None:
    shown = await anonymous.get(
        "/oauth/authorize", params={"client_id": "nobody"}, headers={"Accept-Language": "zh-CN"}
    )
    assert shown.status_code == 400
    assert "此登录请求无效" in shown.text
    assert "form-action 'self'" in shown.headers["content-security-policy"]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
async def test_the_whole_way_in_a_browser(
    app: Litestar, chromium: Browser, person: Person, ctx: Context, anonymous: httpx.AsyncClient
) -> None:
    async with serving(app) as url:
        native = await an_app(ctx, redirect_uris=["http://127.0.0.1/callback"], scopes=SCOPE.split())
        target = f"{url}/callback"  # a native app listens on a port of its own (RFC 8252)
        context = await chromium.new_context(java_script_enabled=False, locale="zh-CN")
        page = await context.new_page()
        query: dict[str, Any] = {**asking(native), "redirect_uri": target}
        await page.goto(f"{url}/oauth/authorize?{httpx.QueryParams(query)}")
        await page.get_by_label("电子邮箱").fill(EMAIL)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("listitem").first).to_be_visible()
        await page.get_by_role("button", name="允许", exact=True).click()
        await page.wait_for_url(f"{target}?**")
        code = parse_qs(urlsplit(page.url).query)["code"][0]
        await context.close()
    tokens = await redeem(anonymous, native, code, redirect_uri=target)
    assert tokens.status_code == 200, tokens.text
