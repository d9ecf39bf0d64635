"""Providers that answer garbage, slowly, twice or not at all, through the sender that the workers use.

Whatever they do, a notice that may have left is told as unknown, asked about by a task, and never sent again.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest

from domain.collections.tasks import list_tasks
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.messaging.alerts import queue_alerts
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice, list_deliveries, queue_notices
from domain.messaging.sending import send_due_notices, settle_expired_sends
from domain.messaging.templates import create_template, load_templates
from tests.factories_dunning import drain, events_of
from tests.factories_messaging import a_billed_contact, a_draft, an_alert
from tests.fakes import fcm as fake_fcm
from tests.fakes.unreliable import Trouble, unreliable
from workers.channels.registry import AccountChannels
from workers.http import GuardedHttp

PATIENCE = 0.4
SLOW_SECONDS = 4.0
TEMPLATES = {"overdue_notice": {"code": "SMS_1", "params": ["number", "due_amount"]}}
SENT_BY_TENCENT = {"SerialNo": "s1", "PhoneNumber": "+8613800006789", "Fee": 1, "Code": "Ok", "Message": "send success"}
WECOM_OK = {"errcode": 0, "errmsg": "ok", "msgid": "m1"}

# Per provider: the channel, settings, name of the setting that holds the address, credentials, and an answer of success.
PROVIDERS: dict[str, tuple[str, dict[str, Any], str, dict[str, Any], dict[str, Any]]] = {
    "aliyun": (
        "sms",
        {"sign_name": "蓝海", "templates": TEMPLATES},
        "endpoint",
        {"access_key_id": "id", "access_key_secret": "secret"},
        {"Code": "OK", "Message": "OK", "BizId": "1^0"},
    ),
    "tencent": (
        "sms",
        {"sdk_app_id": "1400", "templates": TEMPLATES},
        "endpoint",
        {"secret_id": "id", "secret_key": "key"},
        {"Response": {"SendStatusSet": [SENT_BY_TENCENT], "RequestId": "r1"}},
    ),
    "twilio": (
        "sms",
        {"account_sid": "AC0123456789", "sender": "+15005550006"},
        "endpoint",
        {"auth_token": "token"},
        {"sid": "SM1", "status": "queued"},
    ),
    "fcm": (
        "push",
        {"project_id": "dunwell-app"},
        "base_url",
        {"client_email": fake_fcm.ACCOUNT, "private_key": fake_fcm.private_key_pem()},
        {"name": "projects/dunwell-app/messages/0:1"},
    ),
    "wecom": (
        "wecom",
        {"corp_id": "ww1", "sender": "zhangsan"},
        "base_url",
        {"secret": "s"},
        {"errcode": 0, "errmsg": "ok", "msgid": "m1", "fail_list": []},
    ),
    "wecom_app": (
        "wecom_staff",
        {"corp_id": "ww1", "agent_id": 1, "recipients": ["lisi"]},
        "base_url",
        {"secret": "s"},
        WECOM_OK,
    ),
    "wecom_robot": ("wecom_robot", {}, "base_url", {"key": "k"}, WECOM_OK),
    "dingtalk": ("dingtalk", {}, "base_url", {"access_token": "t", "secret": "s"}, WECOM_OK),
    "feishu": ("feishu", {}, "base_url", {"token": "t", "secret": "s"}, {"code": 0, "msg": "success"}),
}
STAFF = ("wecom_staff", "wecom_robot", "dingtalk", "feishu")
BEFORE_AN_ANSWER = tuple(trouble for trouble in get_args(Trouble) if trouble != "twice")


@pytest.fixture
async def accounts() -> AsyncIterator[AccountChannels]:
    """The channels of a worker that does not wait long."""
    async with GuardedHttp(allow_private=True, timeout=PATIENCE) as http:
        made = AccountChannels(http)
        yield made
        await made.close()


async def an_account(ctx: Context, provider: str, url: str) -> str:
    """An active account that is served at `url`; the name of its channel."""
    channel, settings, address, credentials, _ = PROVIDERS[provider]
    more = {"token_uri": f"{url}/token"} if provider == "fcm" else {}
    await create_channel_account(
        ctx,
        channel=channel,
        provider=provider,
        name="Ours",
        settings={**settings, address: url, **more},
        credentials=credentials,
    )
    return channel


async def queued(ctx: Context, channel: str, number: str = "INV-1") -> Notice:
    """A message that is due at once."""
    if channel in STAFF:
        (alert,) = await queue_alerts(ctx, [await an_alert(ctx, number=number, channel=channel)])
        return alert
    book = await load_templates(ctx, {"overdue_notice"})
    if not book.has("overdue_notice", channel):
        subject = "" if channel == "sms" else "Overdue"
        await create_template(
            ctx, key="overdue_notice", channel=channel, locale="en", subject=subject, body="{{ number }} is overdue"
        )
        book = await load_templates(ctx, {"overdue_notice"})
    address = "13800006789" if channel == "sms" else "device-1"
    contact, receivable = await a_billed_contact(ctx, number=number, addresses={channel: address})
    (notice,) = await queue_notices(ctx, book, [a_draft(contact, receivable, channel=channel, recipient=address)])
    return notice


@pytest.mark.parametrize("trouble", BEFORE_AN_ANSWER)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_may_have_left_is_told_as_unknown_and_never_sent_again(
    ctx: Context, accounts: AccountChannels, provider: str, trouble: Trouble
) -> None:
    async with unreliable(trouble, {}) as (url, server):
        notice = await queued(ctx, await an_account(ctx, provider, url))
        began = time.monotonic()
        assert await send_due_notices(ctx, {}, accounts=accounts) == 1
        assert time.monotonic() - began < SLOW_SECONDS
        asked = len(server.asked)
        assert await send_due_notices(ctx, {}, accounts=accounts) == 0
        assert await settle_expired_sends(ctx) == 0
        # Only WeCom's app may ask twice within one attempt: WeCom drops the double of a message.
        assert asked == len(server.asked) <= (2 if provider == "wecom_app" else 1)
    told = await get_notice(ctx, notice.id)
    assert (told.state, told.sent_at) == ("unknown", None), told
    (attempt,) = (await list_deliveries(ctx, notice.id, PageRequest())).items
    assert (attempt.outcome, attempt.code) == ("unknown", told.reason)
    assert [event.object_id for event in await events_of(ctx, "notice.unknown")] == [notice.id]
    await drain(react, ctx)
    assert len((await list_tasks(ctx, PageRequest())).items) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_answer_that_comes_twice_is_not_taken_for_that_of_the_next_message(
    ctx: Context, accounts: AccountChannels, provider: str
) -> None:
    async with unreliable("twice", PROVIDERS[provider][-1]) as (url, server):
        channel = await an_account(ctx, provider, url)
        notices = []
        for number in range(3):
            notices.append(await queued(ctx, channel, f"INV-{number}"))
            assert await send_due_notices(ctx, {}, accounts=accounts) == 1
        assert len(server.asked) == 3
    taken = "awaiting_confirmation" if provider == "wecom" else "sent"
    assert [(await get_notice(ctx, one.id)).state for one in notices] == [taken] * 3
