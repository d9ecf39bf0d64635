"""WeCom's adapters against a WeCom that misbehaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from domain.messaging.channel_model import Outcome
from domain.messaging.staff_fields import (
    WecomAppCredentials,
    WecomAppSettings,
    WecomCustomersCredentials,
    WecomCustomersSettings,
)
from tests.fakes import wecom as fake
from tests.fakes.messages import a_message, impatient_http
from tests.fakes.serving import Trouble, served
from workers.channels.memory import AccountMemory
from workers.channels.wecom_app import WecomApp
from workers.channels.wecom_customers import WecomCustomers
from workers.http import GuardedHttp


@dataclass(slots=True)
class World:
    """A WeCom and what is needed to talk to it."""

    wecom: fake.FakeWecom
    url: str
    http: GuardedHttp
    memory: AccountMemory

    def app(self, secret: str = fake.APP_SECRET, **settings: object) -> WecomApp:
        """The adapter for staff."""
        fields = {"corp_id": fake.CORP_ID, "agent_id": fake.AGENT_ID, "base_url": self.url} | settings
        return WecomApp(
            WecomAppSettings(**fields),  # type: ignore[arg-type]
            WecomAppCredentials(secret=secret),
            ask=self.http.exchange,
            memory=self.memory,
        )

    def customers(self, base_url: str | None = None) -> WecomCustomers:
        """The adapter for customers."""
        return WecomCustomers(
            WecomCustomersSettings(corp_id=fake.CORP_ID, sender="zhangsan", base_url=base_url or self.url),
            WecomCustomersCredentials(secret=fake.CUSTOMERS_SECRET),
            ask=self.http.exchange,
            memory=self.memory,
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A running WeCom."""
    wecom = fake.FakeWecom()
    async with served(wecom.app()) as url, impatient_http() as http:
        yield World(wecom, url, http, AccountMemory())


async def one(channel: WecomApp | WecomCustomers, recipient: str, **text: str) -> Outcome:
    """The outcome of one message."""
    (outcome,) = await channel.send([a_message(recipient, **text)])
    return outcome


async def test_staff_get_title_and_text_with_one_token_for_all(world: World) -> None:
    outcomes = await world.app().send([a_message("zhangsan"), a_message("zhangsan|lisi", body="Other.\n")])
    assert [(outcome.kind, outcome.code) for outcome in outcomes] == [("accepted", "wecom_0")] * 2
    assert {outcome.provider_message_id for outcome in outcomes} == {"m1", "m2"}
    assert sorted(world.wecom.delivered) == [
        ("lisi", "Red flag\n\nOther."),
        ("zhangsan", "Red flag\n\nINV-1 is late."),
        ("zhangsan", "Red flag\n\nOther."),
    ]
    assert len(world.wecom.tokens) == 1


async def test_an_alert_that_names_nobody_goes_to_the_accounts_own_recipients(world: World) -> None:
    assert (await one(world.app(recipients=("lisi",)), "cha_01j")).kind == "accepted"
    assert world.wecom.delivered == [("lisi", "Red flag\n\nINV-1 is late.")]
    assert (await one(world.app(recipients=("zhangsan",)), "wecom_staff")).kind == "accepted"
    assert (await one(world.app(), "cha_01j")).code == "no_recipients"


async def test_an_ended_token_is_renewed_once(world: World) -> None:
    world.wecom.calls_per_token = 1
    channel = world.app()
    assert [(await one(channel, "zhangsan", body=str(n))).kind for n in range(3)] == ["accepted"] * 3
    assert len(world.wecom.tokens) == 3


async def test_a_revoked_token_is_renewed_once(world: World) -> None:
    channel = world.app()
    await one(channel, "zhangsan")
    world.wecom.revoked.update(world.wecom.tokens)
    assert (await one(channel, "lisi")).kind == "accepted"
    assert len(world.wecom.tokens) == 2


async def test_tokens_that_never_hold_are_not_asked_for_forever(world: World) -> None:
    world.wecom.calls_per_token = 0
    outcome = await one(world.app(), "zhangsan")
    assert (outcome.kind, outcome.code) == ("retryable", "wecom_42001")
    assert len(world.wecom.tokens) == 2


@pytest.mark.parametrize(
    ("code", "kind", "stable", "wait"),
    [
        (45009, "retryable", "wecom_45009", 60),
        (45033, "retryable", "wecom_45033", 60),
        (60020, "retryable", "wecom_60020", None),
        (-1, "retryable", "wecom_-1", None),
        (40008, "rejected", "wecom_40008", None),
        (40058, "rejected", "wecom_40058", None),
        (84061, "rejected", "address_gone", None),
    ],
)
async def test_what_an_error_code_means(world: World, code: int, kind: str, stable: str, wait: int | None) -> None:
    world.wecom.script.coming.append({"errcode": code, "errmsg": "no"})
    outcome = await one(world.app(), "zhangsan")
    assert (outcome.kind, outcome.code, outcome.retry_after) == (kind, stable, wait)


async def test_a_wrong_agent_and_a_wrong_secret_are_put_right_by_somebody(world: World) -> None:
    outcome = await one(world.app(agent_id=7), "zhangsan")
    assert (outcome.kind, outcome.code) == ("retryable", "wecom_301002")
    outcome = await one(world.app(secret="wrong"), "zhangsan")
    assert (outcome.kind, outcome.code) == ("retryable", "wecom_40001")


async def test_unknown_members_are_told_apart_from_nobody(world: World) -> None:
    some = await one(world.app(), "ZhangSan2|lisi")
    assert (some.kind, some.code, some.detail) == ("accepted", "wecom_partial", "Not to members number 1 of 2.")
    nobody = await one(world.app(), "wangwu")
    assert (nobody.kind, nobody.code) == ("rejected", "wecom_81013")
    world.wecom.script.coming.append({"errcode": 0, "errmsg": "ok", "invaliduser": "wangwu", "msgid": "m"})
    assert (await one(world.app(), "WangWu")).code == "wecom_invaliduser"


async def test_a_lost_answer_is_asked_for_again_and_nobody_gets_it_twice(world: World) -> None:
    world.wecom.script.coming.append("lost")
    assert (await one(world.app(), "zhangsan")).kind == "accepted"
    assert len(world.wecom.posted) == 2
    assert world.wecom.delivered == [("zhangsan", "Red flag\n\nINV-1 is late.")]


@pytest.mark.parametrize("second", ["silent", "garbage", {"errcode": 45009, "errmsg": "slow down"}])
async def test_a_lost_answer_stays_unknown_when_the_second_says_nothing_of_it(world: World, second: Trouble) -> None:
    world.wecom.script.coming.extend(["lost", second])
    outcome = await one(world.app(), "zhangsan")
    assert (outcome.kind, outcome.code) == ("unknown", "timeout")


@pytest.mark.parametrize("trouble", ["silent", "garbage", "list", 500, 302])
async def test_without_a_token_nothing_has_left(world: World, trouble: Trouble) -> None:
    world.wecom.token_script.coming.append(trouble)
    outcomes = await world.app().send([a_message("zhangsan"), a_message("lisi")])
    assert [outcome.kind for outcome in outcomes] == ["retryable"] * 2
    assert world.wecom.posted == []


async def test_a_refused_token_is_not_asked_for_by_every_message(world: World) -> None:
    world.wecom.token_script.coming.append({"errcode": 45009, "errmsg": "api freq out of limit"})
    outcomes = await world.app().send([a_message("zhangsan"), a_message("lisi")])
    assert [(outcome.code, outcome.retry_after) for outcome in outcomes] == [("wecom_45009", 60)] * 2
    assert world.wecom.tokens == {}


async def test_a_member_never_gets_more_than_wecom_delivers(world: World) -> None:
    channel = world.app()
    outcomes = await channel.send([a_message("zhangsan", body=str(n)) for n in range(31)])
    held = [outcome for outcome in outcomes if outcome.kind == "retryable"]
    assert [outcome.code for outcome in held] == ["own_pace"]
    assert held[0].retry_after is not None
    assert 55 < held[0].retry_after <= 60
    assert len(world.wecom.delivered) == 30
    assert (await one(channel, "lisi")).kind == "accepted"


async def test_a_long_text_is_cut_to_what_wecom_takes(world: World) -> None:
    assert (await one(world.app(), "zhangsan", subject="", body="款" * 3000)).kind == "accepted"
    assert world.wecom.delivered == [("zhangsan", "款" * 681 + "…")]


async def test_nobody_is_called_by_a_name_in_a_markdown_text(world: World) -> None:
    assert (
        await one(world.app(message_type="markdown"), "zhangsan", subject="", body="<@all> owes")
    ).kind == "accepted"
    assert world.wecom.delivered == [("zhangsan", "‹@all> owes")]


async def test_a_server_that_is_not_there_has_got_nothing(world: World) -> None:
    outcome = await one(world.customers("http://127.0.0.1:9"), "wmAAA")
    assert (outcome.kind, outcome.code) == ("retryable", "connect_failed")


async def test_a_message_to_a_customer_waits_for_the_employee(world: World) -> None:
    channel = world.customers()
    outcome = await one(channel, "wmAAA")
    assert (outcome.kind, outcome.code) == ("accepted", "awaiting_confirmation")
    assert outcome.provider_message_id is not None
    task = world.wecom.tasks[outcome.provider_message_id]
    assert (task.sender, task.customer, task.text) == ("zhangsan", "wmAAA", "INV-1 is late.")
    assert await channel.poll([outcome.provider_message_id]) == []

    world.wecom.employee_confirms(outcome.provider_message_id)
    (receipt,) = await channel.poll([outcome.provider_message_id])
    assert (receipt.kind, receipt.code, receipt.provider_message_id) == (
        "delivered",
        "wecom_sent",
        outcome.provider_message_id,
    )
    assert receipt.occurred_at == datetime.fromtimestamp(1767600000, UTC)


@pytest.mark.parametrize(("status", "code"), [(2, "wecom_not_a_contact"), (3, "wecom_already_received")])
async def test_a_confirmed_message_may_still_not_go_out(world: World, status: int, code: str) -> None:
    channel = world.customers()
    outcome = await one(channel, "wmAAA")
    assert outcome.provider_message_id is not None
    world.wecom.employee_confirms(outcome.provider_message_id, status)
    (receipt,) = await channel.poll([outcome.provider_message_id])
    assert (receipt.kind, receipt.code) == ("failed", code)


async def test_an_unwanted_task_is_stopped_unless_it_has_gone_out(world: World) -> None:
    channel = world.customers()
    waiting, gone = await one(channel, "wmAAA"), await one(channel, "wmBBB")
    assert waiting.provider_message_id is not None
    assert gone.provider_message_id is not None
    world.wecom.employee_confirms(gone.provider_message_id)
    ids = [waiting.provider_message_id, gone.provider_message_id]
    receipts = await channel.poll(ids, frozenset(ids))
    assert [(receipt.kind, receipt.code) for receipt in receipts] == [
        ("failed", "withdrawn"),
        ("delivered", "wecom_sent"),
    ]
    assert world.wecom.tasks[waiting.provider_message_id].is_stopped


async def test_polling_leaves_out_what_it_cannot_find_out(world: World) -> None:
    channel = world.customers()
    outcome = await one(channel, "wmAAA")
    assert outcome.provider_message_id is not None
    world.wecom.employee_confirms(outcome.provider_message_id)
    assert [receipt.kind for receipt in await channel.poll(["gone", outcome.provider_message_id])] == ["delivered"]
    world.wecom.script.coming.append("silent")
    assert await channel.poll([outcome.provider_message_id]) == []


async def test_customers_that_wecom_cannot_reach(world: World) -> None:
    channel = world.customers()
    assert (await one(channel, "wmZZZ")).code == "wecom_fail_list"
    assert (await one(channel, "nonsense")).code == "address_gone"


@pytest.mark.parametrize("trouble", ["lost", "garbage", "list", "hangs_up", 502])
async def test_a_task_that_may_exist_is_never_made_twice(world: World, trouble: Trouble) -> None:
    world.wecom.script.coming.append(trouble)
    assert (await one(world.customers(), "wmAAA")).kind == "unknown"
    assert len(world.wecom.posted) == 1
