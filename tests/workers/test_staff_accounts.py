"""Accounts at WeCom, DingTalk, Feishu and Firebase, from their creation to what leaves through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from domain.customers.contacts import get_contact
from domain.events.address_policy import install_address_policy, private_addresses_allowed
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.messaging.account_store import opened
from domain.messaging.alerts import queue_alerts
from domain.messaging.callbacks import take_callback
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice, queue_notices
from domain.messaging.providers import SHIPPED
from domain.messaging.sending import send_due_notices
from domain.messaging.templates import create_template, load_templates
from domain.messaging.trial_messages import send_test_message
from domain.operations.operations import get_operation
from domain.storage.transaction import reading, transaction
from tests.factories_messaging import a_billed_contact, a_draft, an_alert
from tests.fakes import dingtalk as fake_dingtalk
from tests.fakes import fcm as fake_fcm
from tests.fakes import feishu as fake_feishu
from tests.fakes import wecom as fake_wecom
from tests.fakes.messages import impatient_http
from tests.fakes.serving import served
from workers.channels.registry import OPENERS, AccountChannels
from workers.tasks.confirmations import asking_for_confirmations
from workers.tasks.operations import run_operations


@pytest.fixture
async def accounts() -> AsyncIterator[AccountChannels]:
    """The channels of accounts as a developer's worker opens them."""
    before = private_addresses_allowed()
    install_address_policy(allow_private=True)
    try:
        async with impatient_http() as http:
            yield AccountChannels(http)
    finally:
        install_address_policy(allow_private=before)


async def an_account(
    ctx: Context, channel: str, provider: str, settings: dict[str, Any], credentials: dict[str, Any]
) -> str:
    """The id of an active account."""
    made = await create_channel_account(
        ctx, channel=channel, provider=provider, name="Ours", settings=settings, credentials=credentials
    )
    return made.id


@pytest.fixture
def in_production() -> Iterator[None]:
    """Nothing may go to private addresses."""
    before = private_addresses_allowed()
    install_address_policy(allow_private=False)
    yield
    install_address_policy(allow_private=before)


async def alerted(ctx: Context, accounts: AccountChannels, channel: str) -> Notice:
    """An alert, sent through the channel's account."""
    draft = await an_alert(ctx, number=f"INV-{channel}", channel=channel)
    (alert,) = await queue_alerts(ctx, [draft])
    assert await send_due_notices(ctx, {}, accounts=accounts) == 1
    return await get_notice(ctx, alert.id)


async def reminded(ctx: Context, accounts: AccountChannels, channel: str, address: str) -> Notice:
    """A notice to a customer, sent through the channel's account."""
    contact, receivable = await a_billed_contact(ctx, number=f"INV-{channel}", addresses={channel: address})
    await create_template(
        ctx, key="overdue_notice", channel=channel, locale="en", subject="", body="{{ number }} is overdue"
    )
    book = await load_templates(ctx, {"overdue_notice"})
    (notice,) = await queue_notices(ctx, book, [a_draft(contact, receivable, channel=channel, recipient=address)])
    assert await send_due_notices(ctx, {}, accounts=accounts) == 1
    return await get_notice(ctx, notice.id)


async def test_alerts_reach_groups_and_members(ctx: Context, accounts: AccountChannels) -> None:
    wecom, dingtalk, feishu = fake_wecom.FakeWecom(), fake_dingtalk.FakeDingtalk(), fake_feishu.FakeFeishu()
    async with (
        served(wecom.app()) as at_wecom,
        served(dingtalk.app()) as at_dingtalk,
        served(feishu.app()) as at_feishu,
    ):
        app = {
            "corp_id": fake_wecom.CORP_ID,
            "agent_id": fake_wecom.AGENT_ID,
            "recipients": ["lisi"],
            "base_url": at_wecom,
        }
        ids = [
            await an_account(ctx, "wecom_staff", "wecom_app", app, {"secret": fake_wecom.APP_SECRET}),
            await an_account(ctx, "wecom_robot", "wecom_robot", {"base_url": at_wecom}, {"key": fake_wecom.ROBOT_KEY}),
            await an_account(
                ctx,
                "dingtalk",
                "dingtalk",
                {"base_url": at_dingtalk},
                {"access_token": fake_dingtalk.ACCESS_TOKEN, "secret": fake_dingtalk.SECRET},
            ),
            await an_account(
                ctx,
                "feishu",
                "feishu",
                {"base_url": at_feishu},
                {"token": fake_feishu.TOKEN, "secret": fake_feishu.SECRET},
            ),
        ]
        alerts = [
            await alerted(ctx, accounts, channel) for channel in ("wecom_staff", "wecom_robot", "dingtalk", "feishu")
        ]
    assert [alert.state for alert in alerts] == ["sent"] * 4
    assert [alert.channel_account_id for alert in alerts] == ids
    said = "Lanhai Trading 逾期 5 天，应付 ¥1,299.00\n账单 INV-wecom_staff，到期日 2025年12月31日\n联系人：Wang Fang"
    assert wecom.delivered == [("lisi", said)]
    assert [len(wecom.said), len(dingtalk.said), len(feishu.said)] == [1, 1, 1]


async def test_a_message_to_a_customer_is_delivered_when_the_employee_has_sent_it(
    ctx: Context, accounts: AccountChannels
) -> None:
    wecom = fake_wecom.FakeWecom()
    async with served(wecom.app()) as url:
        settings = {"corp_id": fake_wecom.CORP_ID, "sender": "zhangsan", "base_url": url}
        await an_account(ctx, "wecom", "wecom", settings, {"secret": fake_wecom.CUSTOMERS_SECRET})
        notice = await reminded(ctx, accounts, "wecom", "wmAAA")
        assert (notice.state, notice.sent_at) == ("awaiting_confirmation", None)
        ask = asking_for_confirmations(accounts)
        # Messages of earlier tests may have come to their turn meanwhile.
        await ask()
        await _five_minutes_pass(ctx)
        assert await ask() == 1
        assert (await get_notice(ctx, notice.id)).state == "awaiting_confirmation"

        assert notice.provider_message_id is not None
        wecom.employee_confirms(notice.provider_message_id)
        await _five_minutes_pass(ctx)
        assert await ask() == 1
        told = await get_notice(ctx, notice.id)
        assert (told.state, told.delivered_at is not None) == ("delivered", True)
        await _five_minutes_pass(ctx)
        assert await ask() == 0


async def test_an_account_that_cannot_be_asked_is_asked_another_time(ctx: Context, accounts: AccountChannels) -> None:
    wecom = fake_wecom.FakeWecom()
    async with served(wecom.app()) as url:
        settings = {"corp_id": fake_wecom.CORP_ID, "sender": "zhangsan", "base_url": url}
        await an_account(ctx, "wecom", "wecom", settings, {"secret": fake_wecom.CUSTOMERS_SECRET})
        notice = await reminded(ctx, accounts, "wecom", "wmAAA")
    ask = asking_for_confirmations(accounts)
    await ask()
    await _five_minutes_pass(ctx)
    assert await ask() == 1
    assert (await get_notice(ctx, notice.id)).state == "awaiting_confirmation"


async def test_a_phone_without_the_app_has_no_address_any_more(ctx: Context, accounts: AccountChannels) -> None:
    firebase = fake_fcm.FakeFcm()
    firebase.errors["gone"] = (404, "UNREGISTERED", "NOT_FOUND")
    async with served(firebase.app()) as url:
        settings = {"project_id": fake_fcm.PROJECT, "base_url": url, "token_uri": f"{url}/token"}
        credentials = {"client_email": fake_fcm.ACCOUNT, "private_key": fake_fcm.private_key_pem()}
        await an_account(ctx, "push", "fcm", settings, credentials)
        notice = await reminded(ctx, accounts, "push", "gone")
    assert (notice.state, notice.reason) == ("bounced", "address_gone")


async def test_a_customer_who_removes_the_employee_is_not_written_to_again(
    ctx: Context, accounts: AccountChannels
) -> None:
    wecom = fake_wecom.FakeWecom()
    async with served(wecom.app()) as url:
        settings = {"corp_id": fake_wecom.CORP_ID, "sender": "zhangsan", "base_url": url}
        callback = {"callback_token": fake_wecom.CALLBACK_TOKEN, "callback_aes_key": fake_wecom.CALLBACK_AES_KEY}
        credentials = {"secret": fake_wecom.CUSTOMERS_SECRET, **callback}
        account_id = await an_account(ctx, "wecom", "wecom", settings, credentials)
        notice = await reminded(ctx, accounts, "wecom", "wmAAA")
    event = (
        "<xml><CreateTime>1767600000</CreateTime><Event>change_external_contact</Event><UserID>zhangsan</UserID>"
        "<ChangeType>del_follow_user</ChangeType><ExternalUserID>wmAAA</ExternalUserID></xml>"
    )
    query, body = fake_wecom.callback_of(event)
    async with reading(ctx):
        secret = (await opened(ctx, account_id)).callback_url.rpartition("/")[2]
    answer = await take_callback(
        account_id, secret, method="POST", query_string=urlencode(query), query=query, headers={}, body=body
    )
    assert (answer.status, answer.body) == (200, b"")
    proof = fake_wecom.echo_of(b"1616140317555161061")
    answer = await take_callback(
        account_id, secret, method="GET", query_string=urlencode(proof), query=proof, headers={}, body=b""
    )
    assert answer.body == b"1616140317555161061"
    assert notice.contact_id is not None
    assert (await get_contact(ctx, notice.contact_id)).opted_out_channels == ["wecom"]


@pytest.mark.parametrize(
    ("channel", "provider", "given", "secret", "pointer"),
    [
        ("wecom", "wecom", {"corp_id": "ww1"}, {"secret": "s"}, "/settings/sender"),
        ("wecom_staff", "wecom_app", {"corp_id": "ww1", "agent_id": "7"}, {"secret": "s"}, "/settings/agent_id"),
        ("wecom_robot", "wecom_robot", {"message_type": "card"}, {"key": "k"}, "/settings/message_type"),
        ("dingtalk", "dingtalk", {}, {}, "/credentials/access_token"),
        ("feishu", "feishu", {"base_url": "http://10.0.0.1"}, {"token": "t"}, "/settings/base_url"),
        ("push", "fcm", {"project_id": "p", "token_uri": "https://127.0.0.1/token"}, {}, "/settings/token_uri"),
        ("sms", "feishu", {}, {"token": "t"}, "/provider"),
        (
            "wecom",
            "wecom",
            {"corp_id": "ww1", "sender": "z"},
            {"secret": "s", "callback_aes_key": "short"},
            "/credentials/callback_aes_key",
        ),
    ],
)
async def test_a_malformed_account_is_refused_with_its_place(
    ctx: Context,
    in_production: None,
    channel: str,
    provider: str,
    given: dict[str, Any],
    secret: dict[str, Any],
    pointer: str,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await an_account(ctx, channel, provider, given, secret)
    assert [error.pointer for error in refused.value.errors] == [pointer]


async def test_a_group_is_tried_out_without_naming_anybody(ctx: Context, accounts: AccountChannels) -> None:
    feishu = fake_feishu.FakeFeishu(secret=None)
    async with served(feishu.app()) as url:
        group = await an_account(ctx, "feishu", "feishu", {"base_url": url}, {"token": fake_feishu.TOKEN})
        operation = await send_test_message(ctx, group)
        await run_operations({"channels": {}, "accounts": accounts})
    done = await get_operation(ctx, operation.id)
    assert done.result is not None
    assert (done.result["outcome"], done.result["code"], len(feishu.said)) == ("accepted", "feishu_0", 1)
    customers = await an_account(ctx, "wecom", "wecom", {"corp_id": "ww1", "sender": "z"}, {"secret": "s"})
    with pytest.raises(InvalidInput, match="no address of its own"):
        await send_test_message(ctx, customers)


def test_every_shipped_provider_that_sends_can_be_opened() -> None:
    ours = {"wecom", "wecom_app", "wecom_robot", "dingtalk", "feishu", "fcm"}
    assert ours <= set(OPENERS)
    assert ours <= {name for name, provider in SHIPPED.items() if provider.sends}


async def _five_minutes_pass(ctx: Context) -> None:
    async with transaction(ctx) as tx:
        await tx.execute(
            "update awaited_confirmations set next_poll_at = next_poll_at - $2::interval where tenant_id = $1",
            ctx.tenant_id,
            timedelta(minutes=6),
        )
