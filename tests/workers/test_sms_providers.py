"""SMS providers against fakes that check every signature: what is sent, and what each answer means for the message."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.kernel.ids import new_id
from domain.messaging.account_model import ChannelAccount, OpenAccount
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.providers import SHIPPED
from tests.conftest import NOW
from tests.fakes import aliyun as fake_aliyun
from tests.fakes import tencent as fake_tencent
from tests.fakes import twilio as fake_twilio
from tests.fakes.aliyun import FakeAliyun
from tests.fakes.server import serving
from tests.fakes.tencent import FakeTencent
from tests.fakes.twilio import FakeTwilio
from workers.channels.registry import OPENERS
from workers.http import GuardedHttp

CALLBACK = "https://dunwell.example/hooks/cha_1/secret"
TEMPLATES = {
    "overdue_notice": {"code": "SMS_1", "params": ["number", "due_amount"], "names": {"due_amount": "sum"}},
    "overdue_notice:en": {"code": "SMS_2", "params": ["due_amount", "number"], "names": {}},
}
PLAIN = {"overdue_notice": {"code": "T1", "params": ["number", "due_amount"], "names": {}}}
SETTINGS: dict[str, dict[str, Any]] = {
    "aliyun": {"sign_name": "蓝海科技", "templates": TEMPLATES},
    "tencent": {"sdk_app_id": "1400006666", "sign_name": "蓝海科技", "templates": PLAIN, "region": "ap-guangzhou"},
    "twilio": {"account_sid": fake_twilio.SID, "sender": "+15005550006"},
}
CREDENTIALS = {
    "aliyun": {"access_key_id": fake_aliyun.KEY_ID, "access_key_secret": fake_aliyun.KEY_SECRET},
    "tencent": {"secret_id": fake_tencent.ID, "secret_key": fake_tencent.KEY},
    "twilio": {"auth_token": fake_twilio.TOKEN},
}


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    """A client that may reach this machine and does not wait long."""
    async with GuardedHttp(allow_private=True, timeout=1.0) as client:
        yield client


def an_account(provider: str, endpoint: str, **overrides: Any) -> OpenAccount:
    settings = {**SETTINGS[provider], "endpoint": endpoint, **overrides.pop("settings", {})}
    account = ChannelAccount(
        id=new_id("cha"),
        channel="sms",
        provider=provider,
        name=provider,
        state="active",
        settings=settings,
        messages_per_minute=None,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )
    credentials = {**CREDENTIALS[provider], **overrides.pop("credentials", {})}
    return OpenAccount(account=account, credentials=credentials, callback_url=CALLBACK)


def a_message(recipient: str = "13800006789", **overrides: Any) -> OutgoingMessage:
    fields: dict[str, Any] = {
        "notice_id": "ntc_1",
        "message_id": "<ntc_1@dunwell.local>",
        "recipient": recipient,
        "subject": "x",
        "body": "【蓝海科技】账单 INV-1 未付 ¥1,299.00",
        "locale": "zh-CN",
        "template_key": "overdue_notice",
        "variables": {"number": "INV-1 & 2", "due_amount": "¥1,299.00"},
        **overrides,
    }
    return OutgoingMessage(**fields)


async def one(http: GuardedHttp, account: OpenAccount, message: OutgoingMessage | None = None) -> Outcome:
    channel = OPENERS[account.account.provider](account, http)
    (outcome,) = await channel.send([message or a_message()])
    return outcome


def told(outcome: Outcome) -> tuple[str, str]:
    return outcome.kind, outcome.code


async def test_aliyun_gets_the_approved_text_with_named_values(http: GuardedHttp) -> None:
    fake = FakeAliyun()
    async with serving(fake) as url:
        chinese = await one(http, an_account("aliyun", url))
        await one(http, an_account("aliyun", url), a_message(locale="en"))
    assert chinese == Outcome("accepted", "aliyun_OK", "OK", provider_message_id="1^0")
    first, second = fake.messages
    assert (first["PhoneNumbers"], first["SignName"], first["OutId"]) == ("8613800006789", "蓝海科技", "ntc_1")
    assert (first["TemplateCode"], first["values"]) == ("SMS_1", {"number": "INV-1 & 2", "sum": "¥1,299.00"})
    assert (second["TemplateCode"], list(second["values"])) == ("SMS_2", ["due_amount", "number"])


async def test_tencent_gets_the_values_by_position(http: GuardedHttp) -> None:
    fake = FakeTencent()
    async with serving(fake) as url:
        outcome = await one(http, an_account("tencent", url))
    assert (outcome.kind, outcome.provider_message_id) == ("accepted", "2026:1")
    (message,) = fake.messages
    assert message["TemplateParamSet"] == ["INV-1 & 2", "¥1,299.00"]
    assert (message["PhoneNumberSet"], message["TemplateId"]) == (["+8613800006789"], "T1")


async def test_twilio_gets_our_text_and_where_to_call_back(http: GuardedHttp) -> None:
    fake = FakeTwilio()
    async with serving(fake) as url:
        outcome = await one(http, an_account("twilio", url))
        service = an_account("twilio", url, settings={"sender": "MG123"})
        await one(http, service)
    assert (outcome.kind, outcome.code) == ("accepted", "twilio_queued")
    assert outcome.provider_message_id == fake.messages[0]["sid"]
    assert fake.messages[0]["Body"] == "【蓝海科技】账单 INV-1 未付 ¥1,299.00"
    assert (fake.messages[0]["From"], fake.messages[0]["StatusCallback"]) == ("+15005550006", CALLBACK)
    assert (fake.messages[1]["MessagingServiceSid"], "From" in fake.messages[1]) == ("MG123", False)


FAKES: dict[str, tuple[type[Any], str]] = {
    "aliyun": (FakeAliyun, "8613800006789"),
    "tencent": (FakeTencent, "+8613800006789"),
    "twilio": (FakeTwilio, "+8613800006789"),
}


@pytest.mark.parametrize(
    ("provider", "play", "expected", "retry_after"),
    [
        ("aliyun", "limit-day", ("retryable", "aliyun_isv.BUSINESS_LIMIT_CONTROL"), 86_400),
        ("aliyun", "limit-minute", ("retryable", "aliyun_isv.BUSINESS_LIMIT_CONTROL"), 60),
        ("aliyun", "illegal", ("rejected", "aliyun_isv.MOBILE_NUMBER_ILLEGAL"), None),
        ("aliyun", "template", ("rejected", "aliyun_isv.SMS_TEMPLATE_ILLEGAL"), None),
        ("aliyun", "balance", ("retryable", "aliyun_isv.AMOUNT_NOT_ENOUGH"), None),
        ("aliyun", "throttling", ("retryable", "aliyun_Throttling.User"), 60),
        ("aliyun", "system", ("unknown", "aliyun_isp.SYSTEM_ERROR"), None),
        ("tencent", "thirty", ("retryable", "tencent_LimitExceeded.PhoneNumberThirtySecondLimit"), 30),
        ("tencent", "daily", ("retryable", "tencent_LimitExceeded.PhoneNumberDailyLimit"), 86_400),
        ("tencent", "blacklist", ("rejected", "tencent_FailedOperation.PhoneNumberInBlacklist"), None),
        ("tencent", "illegal", ("rejected", "tencent_InvalidParameterValue.IncorrectPhoneNumber"), None),
        ("tencent", "template", ("rejected", "tencent_FailedOperation.TemplateIncorrectOrUnapproved"), None),
        ("tencent", "rate", ("retryable", "tencent_RequestLimitExceeded"), 60),
        ("tencent", "internal", ("unknown", "tencent_InternalError.Timeout"), None),
        ("tencent", "unauthorized", ("retryable", "tencent_UnauthorizedOperation.SmsSdkAppIdVerifyFail"), None),
        ("twilio", "stopped", ("rejected", "twilio_21610"), None),
        ("twilio", "invalid", ("rejected", "twilio_21211"), None),
        ("twilio", "landline", ("rejected", "twilio_21614"), None),
        ("twilio", "rate", ("retryable", "twilio_20429"), 30),
        ("twilio", "sender", ("retryable", "twilio_21606"), None),
        ("twilio", "oops", ("unknown", "twilio_20500"), None),
        ("twilio", "busy", ("retryable", "twilio_20503"), 30),
        *((provider, "hang", ("unknown", "timeout"), None) for provider in FAKES),
        *((provider, "drop", ("unknown", "connection_closed"), None) for provider in FAKES),
        *((provider, "garbage", ("unknown", "invalid_answer"), None) for provider in FAKES),
        *((provider, "500", ("unknown", "invalid_answer"), None) for provider in FAKES),
        *((provider, "403 html", ("retryable", "http_403"), None) for provider in FAKES),
    ],
)
async def test_what_answers_mean(
    http: GuardedHttp, provider: str, play: str, expected: tuple[str, str], retry_after: int | None
) -> None:
    kind, number = FAKES[provider]
    fake = kind()
    fake.plays[number] = play
    async with serving(fake) as url:
        outcome = await one(http, an_account(provider, url))
    assert (told(outcome), outcome.retry_after) == (expected, retry_after)
    assert outcome.opted_out == (play in ("stopped", "blacklist"))
    assert outcome.invalid_address == (play in ("illegal", "invalid", "landline"))
    assert fake.messages == []


@pytest.mark.parametrize("provider", sorted(FAKES))
async def test_a_wrong_key_is_noticed_and_sends_nothing(http: GuardedHttp, provider: str) -> None:
    fake = FAKES[provider][0]()
    secret = {"aliyun": "access_key_secret", "tencent": "secret_key", "twilio": "auth_token"}[provider]
    async with serving(fake) as url:
        outcome = await one(http, an_account(provider, url, credentials={secret: "wrong"}))
    assert outcome.kind == "retryable"
    assert fake.messages == []


@pytest.mark.parametrize("provider", sorted(FAKES))
async def test_where_nobody_listens_nothing_has_left(http: GuardedHttp, provider: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outcome = await one(http, an_account(provider, f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert told(outcome) == ("retryable", "connect_failed")


async def test_a_provider_inside_our_network_is_not_asked() -> None:
    fake = FakeTwilio()
    async with serving(fake) as url, GuardedHttp() as guarded:
        outcome = await one(guarded, an_account("twilio", url))
        named = await one(guarded, an_account("twilio", url.replace("127.0.0.1", "localhost")))
    assert (told(outcome), told(named)) == (("retryable", "private_address"), ("retryable", "private_address"))
    assert fake.messages == []


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
async def test_a_notice_without_an_approved_text_is_rejected(http: GuardedHttp, provider: str) -> None:
    account = an_account(provider, "http://127.0.0.1:9")
    assert told(await one(http, account, a_message(template_key="firm_notice"))) == ("rejected", "template_not_mapped")
    assert told(await one(http, account, a_message(variables={"number": "1"}))) == ("rejected", "variable_missing")


async def test_a_text_of_too_many_parts_is_rejected(http: GuardedHttp) -> None:
    account = an_account("twilio", "http://127.0.0.1:9")
    assert told(await one(http, account, a_message(body="欠" * 671))) == ("rejected", "message_too_long")


async def test_one_bad_message_does_not_stop_the_others(http: GuardedHttp) -> None:
    fake = FakeTwilio()
    fake.plays["+8613800000001"] = "invalid"
    async with serving(fake) as url:
        channel = OPENERS["twilio"](an_account("twilio", url), http)
        outcomes = await channel.send([a_message(f"1380000000{n}") for n in range(5)])
    assert [outcome.kind for outcome in outcomes] == ["accepted", "rejected", "accepted", "accepted", "accepted"]


def test_every_shipped_provider_that_sends_can_be_opened() -> None:
    assert {name for name, provider in SHIPPED.items() if provider.sends} <= OPENERS.keys()
