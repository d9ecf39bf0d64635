"""The sign-in pages, called as a browser would, and as an attacker would."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.pages.rendering import form_source
from api.pages.scope_words import words_of
from api.pages.texts import TEXTS
from domain.access.model import NewClient, Tenant
from domain.access.roles import scopes_of
from domain.access.users import disable_user, update_user
from domain.kernel.context import Context, PlatformContext
from domain.kernel.scopes import Scope
from domain.storage.transaction import transaction
from tests.api.signing_in import PASSWORD, a_user, begun, code_now, token_in, with_second_factor

Platform = tuple[PlatformContext, NewClient]
EMAIL = "li.na@acme.example"
AT = "/oauth/sign-in"


class Browser:
    """Keeps one cookie, as a browser that began a sign-in."""

    def __init__(self, http: httpx.AsyncClient, secret: str) -> None:
        self.http = http
        self.secret = secret

    async def get(self, **headers: str) -> httpx.Response:
        return self._kept(await self.http.get(AT, headers={"Cookie": f"dunwell-sign-in={self.secret}", **headers}))

    async def post(
        self, path: str, token: str | None = None, headers: dict[str, str] | None = None, **form: str
    ) -> httpx.Response:
        if token is None:
            token = token_in((await self.get()).text)
        sent = {"Cookie": f"dunwell-sign-in={self.secret}", **(headers or {})}
        return self._kept(await self.http.post(path, data={"form_token": token, **form}, headers=sent))

    async def sign_in(self, password: str = PASSWORD, email: str = EMAIL, **more: str) -> httpx.Response:
        return await self.post(AT, None, None, email=email, password=password, **more)

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        self.http.cookies.clear()
        cookie = answer.headers.get("set-cookie", "")
        if cookie.startswith("dunwell-sign-in="):
            self.secret = cookie.partition("=")[2].partition(";")[0].strip('"')
        return answer


@pytest.fixture
async def browser(anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant) -> Browser:
    return Browser(anonymous, (await begun(platform, tenant)).browser_secret)


def returned(answer: httpx.Response) -> dict[str, list[str]]:
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("https://crm.example/back?")
    return parse_qs(urlsplit(answer.headers["location"]).query)


async def audited_actions(ctx: Context) -> list[str]:
    async with transaction(ctx) as tx:
        return [row["action"] for row in await tx.fetch("select action from audit_entries order by sequence")]


async def test_signing_in_and_consenting_returns_to_the_app_with_a_code(browser: Browser, ctx: Context) -> None:
    await a_user(ctx)
    before = browser.secret
    answer = await browser.sign_in(email=" LI.NA@acme.example ")
    assert (answer.status_code, answer.headers["location"]) == (303, AT)
    assert browser.secret != before, "the secret must change with who is signed in"
    consent = (await browser.get()).text
    assert "Harbour CRM" in consent
    assert "Acme Receivables" in consent
    assert "See what customers owe" in consent
    assert words_of("webhooks:write", "en") not in consent, "a collector has no webhooks"
    back = returned(await browser.post(f"{AT}/consent", answer="allow"))
    assert set(back) == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == (["st&te=1"], ["http://127.0.0.1:8000"])
    assert (await browser.get()).status_code == 410
    assert (await audited_actions(ctx))[-2:] == ["sign_in.succeeded", "consent.granted"]


async def test_the_secret_from_before_the_password_is_good_for_nothing_afterwards(
    browser: Browser, anonymous: httpx.AsyncClient, ctx: Context
) -> None:
    await a_user(ctx)
    planted = browser.secret
    await browser.sign_in()
    assert (await Browser(anonymous, planted).get()).status_code == 410


async def test_denying_returns_the_news(browser: Browser, ctx: Context) -> None:
    await a_user(ctx)
    await browser.sign_in()
    back = returned(await browser.post(f"{AT}/consent", answer="deny"))
    assert back == {"error": ["access_denied"], "state": ["st&te=1"], "iss": ["http://127.0.0.1:8000"]}
    assert (await audited_actions(ctx))[-1] == "consent.denied"


async def test_nobody_learns_whether_a_user_exists(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    await a_user(ctx)
    told = []
    for email in (EMAIL, "nobody@acme.example"):
        browser, answers = Browser(anonymous, (await begun(platform, tenant)).browser_secret), []
        for _ in range(6):
            answer = await browser.sign_in("not the password", email)
            page = answer.text.replace(token_in(answer.text), "").replace(email, "")
            answers.append((answer.status_code, page.replace("29 seconds", "30 seconds")))
        told.append(answers)
    assert told[0] == told[1]
    assert [status for status, _ in told[0]] == [422] * 5 + [429]
    assert (await audited_actions(ctx)).count("sign_in.failed") == 10
    right = Browser(anonymous, (await begun(platform, tenant)).browser_secret)
    assert (await right.sign_in()).status_code == 429, "not even the right password is judged while locked"


async def test_success_forgets_the_failures(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    await a_user(ctx)
    for _ in range(3):
        browser = Browser(anonymous, (await begun(platform, tenant)).browser_secret)
        for _ in range(3):
            assert (await browser.sign_in("not the password")).status_code == 422
        assert (await browser.sign_in()).status_code == 303


async def test_an_app_of_all_tenants_asks_for_the_organisation(
    anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    await a_user(ctx)
    browser = Browser(anonymous, (await begun(platform, None)).browser_secret)
    assert "Organisation" in (await browser.get()).text
    assert (await browser.sign_in()).status_code == 422
    assert (await browser.sign_in(organisation="tnt_00000000000000000000000000")).status_code == 422
    assert (await browser.sign_in(organisation=tenant.id)).status_code == 303
    assert "Acme Receivables" in (await browser.get()).text


async def test_a_second_factor_is_asked_for_and_its_code_works_once(
    browser: Browser, anonymous: httpx.AsyncClient, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    secret = await with_second_factor(await a_user(ctx))
    await browser.sign_in()
    assert "one-time-code" in (await browser.get()).text
    assert (await browser.post(f"{AT}/consent", answer="allow")).headers["location"] == AT, "no stage can be left out"
    assert (await browser.post(f"{AT}/second-factor", code="000000x")).status_code == 422
    code = code_now(secret)
    assert (await browser.post(f"{AT}/second-factor", code=code)).status_code == 303
    assert "Harbour CRM" in (await browser.get()).text
    again = Browser(anonymous, (await begun(platform, tenant)).browser_secret)
    await again.sign_in()
    assert (await again.post(f"{AT}/second-factor", code=code)).status_code == 422


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("forged", {}),
        (None, {"Origin": "https://evil.example"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Sec-Fetch-Site": "same-site"}),
        (None, {"Origin": "null"}),
    ],
)
async def test_another_sites_form_is_refused(
    browser: Browser, ctx: Context, token: str | None, headers: dict[str, str]
) -> None:
    await a_user(ctx)
    await browser.sign_in()
    refused = await browser.post(f"{AT}/consent", token, headers, answer="allow")
    assert (refused.status_code, "location" in refused.headers) == (403, False)
    assert "code" in returned(await browser.post(f"{AT}/consent", answer="allow")), "the sign-in is still there"


async def test_a_consent_is_good_once(browser: Browser, anonymous: httpx.AsyncClient, ctx: Context) -> None:
    await a_user(ctx)
    await browser.sign_in()
    token, secret = token_in((await browser.get()).text), browser.secret
    returned(await browser.post(f"{AT}/consent", token, answer="allow"))
    again = await Browser(anonymous, secret).post(f"{AT}/consent", token, answer="allow")
    assert (again.status_code, "location" in again.headers) == (410, False)


async def test_what_a_role_lost_meanwhile_is_not_granted(browser: Browser, ctx: Context) -> None:
    person = await a_user(ctx)
    await browser.sign_in()
    token = token_in((await browser.get()).text)
    await update_user(ctx, person.user.id, {"role": "auditor"})
    assert words_of("tasks:write", "en") not in (await browser.get()).text
    await disable_user(ctx, person.user.id)
    assert returned(await browser.post(f"{AT}/consent", token, answer="allow"))["error"] == ["access_denied"]


async def test_a_disabled_user_is_refused_like_anybody(browser: Browser, ctx: Context) -> None:
    await disable_user(ctx, (await a_user(ctx)).user.id)
    assert (await browser.sign_in()).status_code == 422


async def test_an_expired_request_says_so(browser: Browser, platform: Platform) -> None:
    token = token_in((await browser.get()).text)
    async with transaction(platform[0]) as tx:
        await tx.execute("update sign_ins set expires_at = now()")
    assert (await browser.get()).status_code == 410
    assert (await browser.post(AT, token, email=EMAIL, password=PASSWORD)).status_code == 410


async def test_pages_let_nothing_foreign_in(browser: Browser, ctx: Context) -> None:
    await a_user(ctx)
    await browser.sign_in()
    page = await browser.get()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://crm.example" in policy
    assert "script" not in policy + page.text
    assert "style=" not in page.text
    for name, value in (
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
    ):
        assert page.headers[name] == value


async def test_what_was_typed_is_never_markup(browser: Browser) -> None:
    page = await browser.sign_in("x", '"><script>alert(1)</script>')
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9", "zh-CN"), ("de,en;q=0.8,zh;q=0.3", "en"), ("", "en"), ("zh-TW;q=0.9, en;q=0.1", "zh-CN")],
)
async def test_the_browsers_language_is_spoken(browser: Browser, header: str, language: str) -> None:
    page = await browser.get(**{"Accept-Language": header})
    assert f'<html lang="{language}">' in page.text
    assert TEXTS[language]["sign_in_title"] in page.text  # type: ignore[index]


def test_every_scope_and_text_has_words_in_both_languages() -> None:
    assert all(words_of(scope, "en") and words_of(scope, "zh-CN") for scope in Scope)
    assert set(TEXTS["en"]) == set(TEXTS["zh-CN"])


def test_a_collector_never_gets_what_shows_all_customers_at_once() -> None:
    shows_all = ("events:", "imports:", "operations:", "webhooks:", "users:", "clients:", "audit:")
    assert not any(scope.startswith(shows_all) for scope in scopes_of("collector"))


@pytest.mark.parametrize("uri", ["https://x.example;script-src *", "https://a b", "javascript:alert(1)", "x y:z"])
def test_a_redirect_uri_cannot_widen_the_policy(uri: str) -> None:
    source = form_source(uri)
    assert source is None or not set(source) & set("; *,'")
