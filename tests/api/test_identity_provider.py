"""Signing in at the tenant's own OpenID provider, and what an untrue provider achieves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey

from api.outbound import PublicTransport
from domain.access.model import NewClient, Tenant
from domain.access.sign_ins import find_sign_in
from domain.access.users import disable_user, get_user, invite_user
from domain.events.address_policy import install_address_policy
from domain.kernel.context import Context, PlatformContext
from domain.storage.transaction import transaction
from tests.api.conftest import Graph
from tests.api.openid_provider import CLIENT, SECRET, Provider
from tests.api.serving import serving
from tests.api.signing_in import a_user, begun, token_in
from tests.api.test_sign_in import AT, Browser

Platform = tuple[PlatformContext, NewClient]
FIELDS = {"client_id": CLIENT, "client_secret": SECRET, "label": "Acme ID"}


@pytest.fixture
async def provider(api: httpx.AsyncClient) -> AsyncIterator[Provider]:
    made = Provider()
    async with serving(made) as url:
        made.issuer = made.says_issuer = url
        assert (await api.put("/v1/identity-provider", json={**FIELDS, "issuer": url})).status_code == 200
        yield made


@pytest.fixture
async def browser(anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant) -> Browser:
    return Browser(anonymous, (await begun(platform, tenant)).browser_secret)


async def round_trip(browser: Browser, **changed: str) -> httpx.Response:
    """To the provider and back, as a browser follows."""
    cookie = {"Cookie": f"dunwell-sign-in={browser.secret}"}
    out = await browser.http.get(f"{AT}/provider", headers=cookie)
    if out.status_code != 303:
        return out
    async with httpx.AsyncClient() as outside:
        back = (await outside.get(out.headers["location"])).headers["location"]
    query = {**dict(httpx.URL(back).params), **changed}
    answer = await browser.http.get(urlsplit(back).path, params=query, headers=cookie)
    return browser._kept(answer)


async def test_an_invited_user_signs_in_and_is_known_by_subject_afterwards(
    provider: Provider, browser: Browser, anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    invited = await invite_user(ctx, name="Li Na", email="li.na@acme.example", role="collector")
    assert "Sign in with Acme ID" in (await browser.get()).text
    before = browser.secret
    assert (await round_trip(browser)).headers["location"] == AT
    assert browser.secret != before
    assert "Harbour CRM" in (await browser.get()).text
    assert (await get_user(ctx, invited.user.id)).status == "active"
    again = Browser(anonymous, (await begun(platform, tenant)).browser_secret)
    provider.wrong = {"email": "renamed@acme.example", "email_verified": False}
    assert (await round_trip(again)).status_code == 303
    await disable_user(ctx, invited.user.id)
    third = Browser(anonymous, (await begun(platform, tenant)).browser_secret)
    assert (await round_trip(third)).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iss": "https://another.example"},
        {"sub": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "stranger@acme.example"},
    ],
    ids=str,
)
async def test_a_wrong_id_token_lets_nobody_in(
    provider: Provider, browser: Browser, ctx: Context, wrong: dict[str, Any]
) -> None:
    await a_user(ctx)
    provider.wrong = wrong
    refused = await round_trip(browser)
    assert (refused.status_code, "Ask an administrator" in refused.text) == (422, True)
    sign_in = await find_sign_in(browser.secret)
    assert sign_in is not None
    assert sign_in.stage == "identify"


@pytest.mark.parametrize("how", ["unsigned", "another key", "hmac", "issuer", "huge"])
async def test_an_untrue_provider_lets_nobody_in(provider: Provider, browser: Browser, ctx: Context, how: str) -> None:
    await a_user(ctx)
    provider.unsigned, provider.huge = how == "unsigned", how == "huge"
    if how == "another key":
        provider.key = ECKey.generate_key("P-256", {"kid": "k1"})
    if how == "hmac":
        provider.key = OctKey.import_key(SECRET)
    if how == "issuer":
        provider.says_issuer = "https://another.example"
    assert (await round_trip(browser)).status_code == 422


async def test_another_browsers_answer_is_refused_and_a_trip_is_judged_once(
    provider: Provider, browser: Browser, ctx: Context
) -> None:
    await a_user(ctx)
    assert (await round_trip(browser, state="forged")).status_code == 400
    assert (await round_trip(browser, iss="https://another.example")).status_code == 422
    path = f"{AT}/provider/callback?code=x&state=y"
    assert (await browser.http.get(path, headers={"Cookie": f"dunwell-sign-in={browser.secret}"})).status_code == 410


async def test_passwords_are_refused_where_only_the_provider_counts(
    provider: Provider, browser: Browser, api: httpx.AsyncClient, ctx: Context
) -> None:
    await a_user(ctx)
    token = token_in((await browser.get()).text)
    only = {**FIELDS, "issuer": provider.issuer, "only": True}
    assert (await api.put("/v1/identity-provider", json=only)).json()["only"]
    assert 'name="password"' not in (await browser.get()).text
    refused = await browser.post(AT, token, email="li.na@acme.example", password="plum orchard lantern")
    assert refused.status_code == 422


async def test_the_provider_is_set_read_and_removed_without_its_secret(
    api: httpx.AsyncClient, graph: Graph, ctx: Context
) -> None:
    path = "/v1/identity-provider"
    assert (await api.get(path)).json()["code"] == "identity_provider_not_found"
    made = await api.put(path, json={**FIELDS, "issuer": "https://id.acme.example"})
    assert (made.status_code, made.headers["etag"], SECRET in made.text) == (200, '"1"', False)
    read = await graph("{ identityProvider { issuer label only } }")
    assert read["data"]["identityProvider"]["label"] == "Acme ID"
    async with transaction(ctx) as tx:
        assert SECRET.encode() not in await tx.fetchval("select sealed_client_secret from identity_providers")
    assert (await api.delete(path, headers={"If-Match": '"9"'})).status_code == 412
    assert (await api.delete(path)).status_code == 204
    for issuer in ("ftp://x.example", "https://u:p@x.example", "https://x.example?a=b"):
        assert (await api.put(path, json={**FIELDS, "issuer": issuer})).status_code == 422


async def test_our_own_network_is_out_of_reach(provider: Provider) -> None:
    install_address_policy(allow_private=False)
    try:
        async with httpx.AsyncClient(transport=PublicTransport(), trust_env=False) as client:
            for url in (provider.issuer, provider.issuer.replace("127.0.0.1", "localhost"), "http://169.254.169.254/"):
                with pytest.raises(httpx.ConnectError, match="no public address"):
                    await client.get(url)
    finally:
        install_address_policy(allow_private=True)
