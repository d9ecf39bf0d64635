"""/hooks: an SMS through a provider, and what the provider posts about it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from domain.access.model import NewClient, Tenant
from domain.access.tenant_changes import suspend_tenant
from domain.customers.contacts import get_contact
from domain.kernel.context import Context, PlatformContext
from domain.kernel.ids import new_id
from domain.kernel.paging import PageRequest
from domain.messaging.channel_accounts import renew_callback_url
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice
from domain.messaging.receipts import list_receipts
from domain.messaging.sending import send_due_notices
from tests.factories_channels import a_queued_sms, an_sms_account
from tests.fakes import aliyun, tencent, twilio
from tests.fakes.aliyun import FakeAliyun
from tests.fakes.server import serving
from tests.fakes.tencent import FakeTencent
from tests.fakes.twilio import FakeTwilio
from workers.channels.registry import AccountChannels
from workers.http import GuardedHttp

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEMPLATES = {"overdue_notice": {"code": "SMS_1", "params": ["number", "due_amount"]}}


@pytest.fixture
async def accounts() -> AsyncIterator[AccountChannels]:
    """The channels of a worker."""
    async with GuardedHttp(allow_private=True, timeout=1.0) as http:
        made = AccountChannels(http)
        yield made
        await made.close()


async def _aliyun(ctx: Context, url: str) -> str:
    made = await an_sms_account(
        ctx,
        provider="aliyun",
        settings={"sign_name": "蓝海", "templates": TEMPLATES, "endpoint": url},
        credentials={"access_key_id": aliyun.KEY_ID, "access_key_secret": aliyun.KEY_SECRET},
    )
    return made.callback_url


async def _sent(ctx: Context, accounts: AccountChannels) -> Notice:
    notice = await a_queued_sms(ctx)
    assert await send_due_notices(ctx, {}, accounts=accounts) == 1
    return await get_notice(ctx, notice.id)


async def test_aliyuns_report_and_a_reply(
    ctx: Context, anonymous: httpx.AsyncClient, accounts: AccountChannels
) -> None:
    fake = FakeAliyun()
    async with serving(fake) as url:
        hook = await _aliyun(ctx, url)
        notice = await _sent(ctx, accounts)
        assert (notice.state, notice.provider_message_id) == ("sent", "1^0")
    for _ in range(2):  # what is not answered in time is pushed again
        answer = await anonymous.post(hook, content=fake.report())
        assert (answer.status_code, answer.json()) == (200, {"code": 0, "msg": "接收成功"})
    assert (await get_notice(ctx, notice.id)).state == "delivered"
    assert len((await list_receipts(ctx, notice.id, PageRequest())).items) == 1
    words = [{"phone_number": "13800006789", "send_time": "2026-01-05 09:30:00", "content": "已付款"}]
    await anonymous.post(hook, json=words)
    assert (await get_notice(ctx, notice.id)).state == "replied"
    stop = [{"phone_number": "13800006789", "send_time": "2026-01-05 10:00:00", "content": "退订"}]
    assert (await anonymous.post(hook, json=stop)).status_code == 200
    assert (await get_contact(ctx, notice.contact_id or "")).opted_out_channels == ["sms"]


async def test_what_timed_out_becomes_known_by_its_receipt_and_is_not_sent_twice(
    ctx: Context, anonymous: httpx.AsyncClient, accounts: AccountChannels
) -> None:
    fake = FakeAliyun()
    fake.plays["8613800006789"] = "hang"
    async with serving(fake) as url:
        hook = await _aliyun(ctx, url)
        notice = await _sent(ctx, accounts)
        assert (notice.state, notice.reason) == ("unknown", "timeout")
        assert await send_due_notices(ctx, {}, accounts=accounts) == 0
    fake.messages = [{"PhoneNumbers": "13800006789", "OutId": notice.id, "biz_id": "9^0"}]
    await anonymous.post(hook, content=fake.report())
    assert (await get_notice(ctx, notice.id)).state == "delivered"


async def test_tencents_status(ctx: Context, anonymous: httpx.AsyncClient, accounts: AccountChannels) -> None:
    fake = FakeTencent()
    async with serving(fake) as url:
        made = await an_sms_account(
            ctx,
            provider="tencent",
            settings={"sdk_app_id": "1400006666", "templates": TEMPLATES, "endpoint": url},
            credentials={"secret_id": tencent.ID, "secret_key": tencent.KEY},
        )
        notice = await _sent(ctx, accounts)
    answer = await anonymous.post(made.callback_url, content=fake.report("FAIL", "MK:100D"))
    assert answer.json() == {"result": 0, "errmsg": "OK"}
    failed = await get_notice(ctx, notice.id)
    assert (failed.state, failed.reason) == ("failed", "tencent_MK:100D")


async def test_twilios_signed_status_and_a_forged_one(
    ctx: Context, anonymous: httpx.AsyncClient, accounts: AccountChannels
) -> None:
    fake = FakeTwilio()
    async with serving(fake) as url:
        await an_sms_account(ctx, settings={"account_sid": twilio.SID, "sender": "+15005550006", "endpoint": url})
        notice = await _sent(ctx, accounts)
    hook, form, signature = fake.callback("delivered")
    forged = await anonymous.post(hook, content=form, headers={**FORM, "X-Twilio-Signature": "forged"})
    assert (forged.status_code, forged.json()["code"]) == (403, "wrong_signature")
    assert (await get_notice(ctx, notice.id)).state == "sent"
    answer = await anonymous.post(hook, content=form, headers={**FORM, "X-Twilio-Signature": signature})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/xml")
    assert (await get_notice(ctx, notice.id)).state == "delivered"


async def test_who_has_told_twilio_to_stop_is_opted_out(ctx: Context, accounts: AccountChannels) -> None:
    fake = FakeTwilio()
    fake.plays["+8613800006789"] = "stopped"
    async with serving(fake) as url:
        await an_sms_account(ctx, settings={"account_sid": twilio.SID, "sender": "+15005550006", "endpoint": url})
        notice = await _sent(ctx, accounts)
    assert (notice.state, notice.reason) == ("failed", "twilio_21610")
    assert (await get_contact(ctx, notice.contact_id or "")).opted_out_channels == ["sms"]


async def test_a_stranger_learns_nothing(
    ctx: Context, anonymous: httpx.AsyncClient, platform: tuple[PlatformContext, NewClient], tenant: Tenant
) -> None:
    hook = await _aliyun(ctx, "https://dysmsapi.aliyuncs.com")
    base, account, secret = hook.rsplit("/", 2)
    assert (await anonymous.post(hook, json=[])).status_code == 200
    answers = [
        await anonymous.post(f"{base}/{account}/{secret[:-1]}x", json=[]),
        await anonymous.post(f"{base}/{new_id('cha')}/{secret}", json=[]),
        await anonymous.post(f"{base}/nonsense/{secret}", json=[]),
    ]
    await renew_callback_url(ctx, account)
    answers.append(await anonymous.post(hook, json=[]))
    renewed = (await renew_callback_url(ctx, account)).callback_url
    await suspend_tenant(platform[0], tenant.id)
    answers.append(await anonymous.post(renewed, json=[]))
    assert {answer.status_code for answer in answers} == {404}
    assert len({_without_id(answer) for answer in answers}) == 1


async def test_too_much_and_nonsense_are_refused(ctx: Context, anonymous: httpx.AsyncClient) -> None:
    hook = await _aliyun(ctx, "https://dysmsapi.aliyuncs.com")
    assert (await anonymous.post(hook, content=b"[" + b" " * 1_000_001 + b"]")).status_code == 413
    assert (await anonymous.post(hook, content=b"what?")).status_code == 422
    assert (await anonymous.get(hook)).status_code == 422


def _without_id(answer: httpx.Response) -> str:
    told: dict[str, Any] = answer.json()
    told.pop("request_id", None)
    told.pop("instance", None)
    return repr(sorted(told.items()))
