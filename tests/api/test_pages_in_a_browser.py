"""The pages in a real Chromium, with JavaScript switched off."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from domain.access.model import NewClient, Tenant
from domain.access.public_url import install_public_url, public_url
from domain.access.users import invite_user
from domain.kernel.context import Context, PlatformContext
from domain.storage.transaction import transaction
from tests.api.serving import serving
from tests.api.signing_in import PASSWORD, a_user, begun, code_now, with_second_factor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Platform = tuple[PlatformContext, NewClient]
EMAIL = "li.na@acme.example"


class Window:
    """A browser window on the server, and what its console complained about."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context = context
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))

    async def begin(self, platform: Platform, tenant: Tenant | None) -> None:
        secret = (await begun(platform, tenant, f"{self.url}/healthz")).browser_secret
        await self.context.add_cookies([{"name": "dunwell-sign-in", "value": secret, "url": self.url}])
        await self.page.goto(f"{self.url}/oauth/sign-in")

    async def sign_in(self, password: str = PASSWORD) -> None:
        await self.page.get_by_label("E-mail address").fill(EMAIL)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Sign in").click()

    async def is_sound(self, name: str) -> None:
        """Headings in order, every input labelled, nothing to scroll sideways at 320 px; kept as a picture if wanted."""
        levels = [int((await h.evaluate("h => h.tagName"))[1]) for h in await self.page.get_by_role("heading").all()]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        for field in await self.page.locator("input:not([type=hidden])").all():
            assert await field.evaluate("f => f.labels.length") == 1
        assert await self.page.locator("html").get_attribute("lang") in ("en", "zh-CN")
        if folder := os.environ.get("DUNWELL_SCREENSHOTS"):
            await self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        size = self.page.viewport_size
        await self.page.set_viewport_size({"width": 320, "height": 640})
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= 320
        if folder:
            await self.page.screenshot(path=Path(folder) / f"{name}-320.png", full_page=True)
        assert size is not None
        await self.page.set_viewport_size(size)
        # The status of a refused form is told on the console too; a violation of the policy would stand beside it.
        assert [c for c in self.complaints if "Failed to load resource" not in c] == []


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture(params=["en"])
async def window(app: Litestar, chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Window]:
    """A fresh window without JavaScript; whatever language the parameter says."""
    before = public_url()
    async with serving(app) as url:
        install_public_url(url)
        context = await chromium.new_context(java_script_enabled=False, locale=request.param)
        yield Window(context, await context.new_page(), url)
        await context.close()
    install_public_url(before)


async def test_sign_in_consent_and_back_at_the_app(
    window: Window, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    await a_user(ctx)
    await window.begin(platform, tenant)
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await window.is_sound("sign-in")
    await window.sign_in()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Allow Harbour CRM access?")
    await expect(window.page.get_by_role("listitem")).to_have_count(2)
    await window.is_sound("consent")
    await window.page.get_by_role("button", name="Allow", exact=True).click()
    await window.page.wait_for_url("**/healthz?**")
    assert "code=" in window.page.url
    assert "state=st%26te%3D1" in window.page.url


async def test_deny(window: Window, platform: Platform, tenant: Tenant, ctx: Context) -> None:
    await a_user(ctx)
    await window.begin(platform, tenant)
    await window.sign_in()
    await window.page.get_by_role("button", name="Do not allow").click()
    await window.page.wait_for_url("**/healthz?error=access_denied**")


async def test_wrong_password_until_locked_out(
    window: Window, platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    await a_user(ctx)
    await window.begin(platform, tenant)
    for _ in range(5):
        await window.sign_in("not the password")
        await expect(window.page.get_by_role("alert")).to_contain_text("do not match")
    await expect(window.page.get_by_label("E-mail address")).to_have_value(EMAIL)
    await expect(window.page.get_by_label("Password")).to_have_accessible_description(
        "There is a problem The details do not match. Check them and try again."
    )
    await window.is_sound("wrong-password")
    await window.sign_in()
    await expect(window.page.get_by_role("alert")).to_contain_text("Too many attempts")
    await window.is_sound("locked-out")


async def test_an_expired_request(window: Window, platform: Platform, tenant: Tenant) -> None:
    await window.begin(platform, tenant)
    async with transaction(platform[0]) as tx:
        await tx.execute("update sign_ins set expires_at = now()")
    await window.sign_in()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("This sign-in has ended")
    await window.is_sound("expired")


async def test_a_second_factor(window: Window, platform: Platform, tenant: Tenant, ctx: Context) -> None:
    secret = await with_second_factor(await a_user(ctx))
    await window.begin(platform, tenant)
    await window.sign_in()
    await window.page.get_by_label("Six-digit code").fill("12 34 56")
    await window.page.get_by_role("button", name="Continue").click()
    await expect(window.page.get_by_role("alert")).to_be_visible()
    await window.is_sound("second-factor")
    await window.page.get_by_label("Six-digit code").fill(code_now(secret))
    await window.page.get_by_role("button", name="Continue").click()
    await expect(window.page.get_by_role("heading", level=1)).to_contain_text("Harbour CRM")


@pytest.mark.parametrize("window", ["zh-CN"], indirect=True)
async def test_chinese_and_the_way_to_english(window: Window, platform: Platform, ctx: Context) -> None:
    await a_user(ctx)
    await window.begin(platform, None)
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("登录")
    await expect(window.page.get_by_label("组织")).to_have_accessible_description("贵组织的代码，由管理员提供。")
    await window.is_sound("sign-in-zh")
    await window.page.get_by_label("组织").fill(ctx.tenant_id)
    await window.page.get_by_label("电子邮箱").fill(EMAIL)
    await window.page.get_by_label("密码").fill(PASSWORD)
    await window.page.get_by_role("button", name="登录").click()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("允许 Harbour CRM 访问吗？")
    await window.is_sound("consent-zh")
    await window.page.get_by_role("link", name="English").click()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Allow Harbour CRM access?")
    await window.page.reload()
    await window.page.goto(f"{window.url}/oauth/sign-in")
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Allow Harbour CRM access?")


async def test_an_invitation(window: Window, ctx: Context) -> None:
    link = (await invite_user(ctx, name="Li Na", email=EMAIL, role="viewer")).invitation_url
    await window.page.goto(link)
    await window.page.get_by_label("New password").fill(PASSWORD)
    await window.page.get_by_label("The same password again").fill("another one entirely")
    await window.page.get_by_role("button", name="Set password").click()
    await expect(window.page.get_by_role("alert")).to_contain_text("not the same")
    await window.is_sound("invitation")
    await window.page.get_by_label("New password").fill(PASSWORD)
    await window.page.get_by_label("The same password again").fill(PASSWORD)
    await window.page.keyboard.press("Tab")
    await expect(window.page.get_by_role("button", name="Set password")).to_be_focused()
    await window.page.keyboard.press("Enter")
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Your password is set")
    await window.is_sound("finished")
    await window.page.goto(link)
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("This link is not valid any more")
