"""The robots of staff groups against servers that check their own signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from domain.messaging.channel_model import Outcome
from domain.messaging.staff_fields import (
    DingtalkCredentials,
    DingtalkSettings,
    FeishuCredentials,
    FeishuSettings,
    WecomRobotCredentials,
    WecomRobotSettings,
)
from tests.fakes import dingtalk as fake_dingtalk
from tests.fakes import feishu as fake_feishu
from tests.fakes import wecom as fake_wecom
from tests.fakes.messages import a_message, impatient_http
from tests.fakes.serving import Trouble, served
from workers.channels.dingtalk import Dingtalk
from workers.channels.feishu import Feishu
from workers.channels.wecom_robot import WecomRobot
from workers.http import GuardedHttp


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    """The guarded client."""
    async with impatient_http() as client:
        yield client


def a_dingtalk(
    http: GuardedHttp,
    url: str,
    *,
    secret: str | None = fake_dingtalk.SECRET,
    access_token: str = fake_dingtalk.ACCESS_TOKEN,
    **settings: object,
) -> Dingtalk:
    return Dingtalk(
        DingtalkSettings(base_url=url, **settings),  # type: ignore[arg-type]
        DingtalkCredentials(access_token=access_token, secret=secret),
        ask=http.exchange,
    )


def a_feishu(
    http: GuardedHttp,
    url: str,
    *,
    secret: str | None = fake_feishu.SECRET,
    token: str = fake_feishu.TOKEN,
    everybody: bool = False,
) -> Feishu:
    return Feishu(
        FeishuSettings(base_url=url, everybody=everybody),
        FeishuCredentials(token=token, secret=secret),
        ask=http.exchange,
    )


def a_wecom_robot(http: GuardedHttp, url: str, *, key: str = fake_wecom.ROBOT_KEY, **settings: object) -> WecomRobot:
    return WecomRobot(
        WecomRobotSettings(base_url=url, **settings),  # type: ignore[arg-type]
        WecomRobotCredentials(key=key),
        ask=http.exchange,
    )


async def one(channel: Dingtalk | Feishu | WecomRobot, **text: str) -> Outcome:
    """The outcome of one message."""
    (outcome,) = await channel.send([a_message(**text)])
    return outcome


async def test_dingtalk_says_a_signed_text(http: GuardedHttp) -> None:
    fake = fake_dingtalk.FakeDingtalk()
    async with served(fake.app()) as url:
        assert await one(a_dingtalk(http, url, mobiles=("13800138000",))) == Outcome("accepted", "dingtalk_0", "ok")
        assert (await one(a_dingtalk(http, url, message_type="markdown"))).kind == "accepted"
    assert fake.said == [
        {
            "msgtype": "text",
            "text": {"content": "Red flag\n\nINV-1 is late."},
            "at": {"atMobiles": ["13800138000"], "isAtAll": False},
        },
        {
            "msgtype": "markdown",
            "markdown": {"title": "Red flag", "text": "INV-1 is late."},
            "at": {"atMobiles": [], "isAtAll": False},
        },
    ]


async def test_dingtalks_one_security_code_is_read_with_its_words(http: GuardedHttp) -> None:
    fake = fake_dingtalk.FakeDingtalk()
    async with served(fake.app()) as url:
        unsigned = await one(a_dingtalk(http, url, secret=None))
        wrong = await one(a_dingtalk(http, url, secret="other"))
        fake.allowed = False
        elsewhere = await one(a_dingtalk(http, url))
        fake.allowed, fake.keyword = True, "监控"
        without_keyword = await one(a_dingtalk(http, url))
    assert {outcome.code for outcome in (unsigned, wrong, elsewhere, without_keyword)} == {"dingtalk_310000"}
    assert [outcome.kind for outcome in (unsigned, wrong, elsewhere)] == ["retryable"] * 3
    assert without_keyword.kind == "rejected"


async def test_dingtalks_other_codes(http: GuardedHttp) -> None:
    fake = fake_dingtalk.FakeDingtalk()
    async with served(fake.app()) as url:
        unknown_token = await one(a_dingtalk(http, url, access_token="x"))
        fake.script.coming.append({"errcode": 400013, "errmsg": "group disbanded"})
        disbanded = await one(a_dingtalk(http, url))
        fake.said = [{}] * 20
        too_fast = await one(a_dingtalk(http, url))
    assert (unknown_token.kind, unknown_token.code) == ("retryable", "dingtalk_300005")
    assert (disbanded.kind, disbanded.code) == ("rejected", "dingtalk_400013")
    assert (too_fast.kind, too_fast.code, too_fast.retry_after) == ("retryable", "dingtalk_130101", 60)


async def test_feishu_says_a_signed_text_that_calls_nobody(http: GuardedHttp) -> None:
    fake = fake_feishu.FakeFeishu()
    async with served(fake.app()) as url:
        assert await one(a_feishu(http, url), body='<at user_id="all">x') == Outcome("accepted", "feishu_0", "success")
        assert (await one(a_feishu(http, url, everybody=True), subject="", body="x")).kind == "accepted"
    assert [said["content"]["text"] for said in fake.said] == [
        'Red flag\n\n‹at user_id="all">x',
        '<at user_id="all"></at> x',
    ]


async def test_feishus_codes(http: GuardedHttp) -> None:
    fake = fake_feishu.FakeFeishu()
    async with served(fake.app()) as url:
        unsigned = await one(a_feishu(http, url, secret=None))
        wrong = await one(a_feishu(http, url, secret="other"))
        no_robot = await one(a_feishu(http, url, token="x/y"))
        fake.allowed = False
        elsewhere = await one(a_feishu(http, url))
        fake.allowed, fake.keyword = True, "监控"
        without_keyword = await one(a_feishu(http, url))
        fake.keyword = ""
        fake.script.coming.append({"code": 9499, "msg": "Bad Request", "data": {}})
        bad_body = await one(a_feishu(http, url))
        fake.said = [{}] * 100
        too_fast = await one(a_feishu(http, url))
    assert [
        (outcome.kind, outcome.code, outcome.retry_after) for outcome in (unsigned, wrong, no_robot, elsewhere)
    ] == [
        ("retryable", "feishu_19021", None),
        ("retryable", "feishu_19021", None),
        ("retryable", "feishu_19001", None),
        ("retryable", "feishu_19022", None),
    ]
    assert (without_keyword.kind, without_keyword.code) == ("rejected", "feishu_19024")
    assert (bad_body.kind, bad_body.code) == ("rejected", "feishu_9499")
    assert (too_fast.kind, too_fast.code, too_fast.retry_after) == ("retryable", "feishu_11232", 60)


async def test_wecoms_robot_calls_members_and_knows_its_limits(http: GuardedHttp) -> None:
    fake = fake_wecom.FakeWecom()
    async with served(fake.app()) as url:
        channel = a_wecom_robot(http, url, mentioned=("@all",), mentioned_mobiles=("13800138000",))
        assert await one(channel) == Outcome("accepted", "wecom_0", "ok")
        wrong_key = await one(a_wecom_robot(http, url, key="x"))
        fake.said *= 20
        too_fast = await one(a_wecom_robot(http, url))
    assert fake.said[0] == {
        "msgtype": "text",
        "text": {
            "content": "Red flag\n\nINV-1 is late.",
            "mentioned_list": ["@all"],
            "mentioned_mobile_list": ["13800138000"],
        },
    }
    assert (wrong_key.kind, wrong_key.code) == ("retryable", "wecom_93000")
    assert (too_fast.kind, too_fast.code, too_fast.retry_after) == ("retryable", "wecom_45009", 60)


@pytest.mark.parametrize("text", ["款" * 30_000, '"\n' * 30_000, "\x00" * 30_000])
async def test_texts_beyond_every_limit_are_cut_to_it(http: GuardedHttp, text: str) -> None:
    wecom, dingtalk, feishu = fake_wecom.FakeWecom(), fake_dingtalk.FakeDingtalk(), fake_feishu.FakeFeishu()
    async with (
        served(wecom.app()) as at_wecom,
        served(dingtalk.app()) as at_dingtalk,
        served(feishu.app()) as at_feishu,
    ):
        for channel in (
            a_wecom_robot(http, at_wecom),
            a_wecom_robot(http, at_wecom, message_type="markdown"),
            a_dingtalk(http, at_dingtalk),
            a_dingtalk(http, at_dingtalk, message_type="markdown"),
            a_feishu(http, at_feishu),
        ):
            assert (await one(channel, body=text)).kind == "accepted"


@pytest.mark.parametrize(
    ("trouble", "kind", "code"),
    [
        ("silent", "unknown", "timeout"),
        ("garbage", "unknown", "malformed_answer"),
        ("list", "unknown", "malformed_answer"),
        ("hangs_up", "unknown", "connection_closed"),
        ({"hello": 1}, "unknown", "malformed_answer"),
        ({"errcode": True, "code": "0"}, "unknown", "malformed_answer"),
        (500, "unknown", "http_500"),
        (502, "unknown", "http_502"),
        (503, "retryable", "http_503"),
        (429, "retryable", "http_429"),
        (404, "retryable", "http_404"),
        (302, "rejected", "http_302"),
        (400, "rejected", "http_400"),
    ],
)
async def test_whatever_a_robots_server_does_the_answer_is_honest(
    http: GuardedHttp, trouble: Trouble, kind: str, code: str
) -> None:
    wecom, dingtalk, feishu = fake_wecom.FakeWecom(), fake_dingtalk.FakeDingtalk(), fake_feishu.FakeFeishu()
    for fake in (wecom, dingtalk, feishu):
        fake.script.coming.append(trouble)
        fake.script.headers["retry-after"] = "7"
    async with (
        served(wecom.app()) as at_wecom,
        served(dingtalk.app()) as at_dingtalk,
        served(feishu.app()) as at_feishu,
    ):
        outcomes = [
            await one(a_wecom_robot(http, at_wecom)),
            await one(a_dingtalk(http, at_dingtalk)),
            await one(a_feishu(http, at_feishu)),
        ]
    assert {(outcome.kind, outcome.code) for outcome in outcomes} == {(kind, code)}
    assert {outcome.retry_after for outcome in outcomes} == {7 if kind == "retryable" else None}


async def test_a_private_address_is_never_called() -> None:
    fake = fake_feishu.FakeFeishu()
    async with served(fake.app()) as url, GuardedHttp(timeout=0.3) as guarded:
        outcome = await one(a_feishu(guarded, url))
        named = await one(a_feishu(guarded, url.replace("127.0.0.1", "localhost")))
    assert {(told.kind, told.code) for told in (outcome, named)} == {("retryable", "private_address")}
    assert fake.said == []


async def test_secrets_are_in_no_outcome(http: GuardedHttp) -> None:
    fake = fake_dingtalk.FakeDingtalk()
    fake.script.coming.extend(["silent", "garbage", "hangs_up", 500])
    async with served(fake.app()) as url:
        outcomes = [await one(a_dingtalk(http, url)) for _ in range(5)]
    assert fake_dingtalk.ACCESS_TOKEN not in str(outcomes)
    assert fake_dingtalk.SECRET not in str(outcomes)
