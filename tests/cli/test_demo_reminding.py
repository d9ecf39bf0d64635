"""The chapter about reminding: its checks are silent on a sound story and find each deliberate fault; its providers verify signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from yarl import URL

from cli.demo.providers import KEY_ID, KEY_SECRET, ROBOT, ROBOT_SECRET, Arrived, Providers, providers
from cli.demo.reminding import Notebook
from cli.demo.reminding_checks import arrivals_and_notices
from cli.demo.reminding_report import explained, in_the_way
from domain.kernel.clock import SystemClock
from workers.channels.signing.aliyun import canonical_query, signed_headers
from workers.channels.signing.robots import feishu_signature

Json = dict[str, Any]
VALUES = {"number": "INV-H", "due_amount": "CN¥8,000.00"}


def a_notice(number: int, channel: str, recipient: str, **more: Any) -> Json:
    told = {"id": f"ntc_{number}", "channel": channel, "recipient": recipient, "state": "sent"}
    return {**told, "subject": f"Subject {number}", "body": f"Text {number}\n", "variables": VALUES, **more}


def sound() -> tuple[Providers, list[Json]]:
    notices = [
        a_notice(1, "sms", "+8613800006789", state="delivered"),
        a_notice(2, "email", "tom@northgate.example"),
        a_notice(3, "wecom", "wmLiNa"),
        a_notice(4, "feishu", "cha_1"),
        a_notice(5, "email", "wang@harbour.example", state="cancelled"),
    ]
    arrived = [
        Arrived(channel="sms", notice_id="ntc_1", recipient="8613800006789", text="INV-H CN¥8,000.00"),
        Arrived(channel="email", notice_id="ntc_2", recipient="tom@northgate.example", text="Subject 2"),
        Arrived(channel="wecom", notice_id="ntc_3", recipient="wmLiNa", text="Text 3\n"),
        Arrived(channel="feishu", notice_id=None, recipient="", text="Text 4"),
    ]
    return Providers(arrived=arrived), notices


def test_a_sound_story_is_sound() -> None:
    assert list(arrivals_and_notices(*sound())) == []


def lose(outside: Providers, _: list[Json]) -> None:
    del outside.arrived[0]


def double(outside: Providers, _: list[Json]) -> None:
    outside.arrived.append(outside.arrived[1])


def to_somebody_else(outside: Providers, _: list[Json]) -> None:
    outside.arrived[2] = Arrived(channel="wecom", notice_id="ntc_3", recipient="wmOther", text="Text 3\n")


def say_something_else(outside: Providers, _: list[Json]) -> None:
    outside.arrived[3] = Arrived(channel="feishu", notice_id=None, recipient="", text="Pay at once")


def send_what_was_cancelled(outside: Providers, _: list[Json]) -> None:
    arrived = Arrived(channel="email", notice_id="ntc_5", recipient="wang@harbour.example", text="Subject 5")
    outside.arrived.append(arrived)


def sign_wrongly(outside: Providers, _: list[Json]) -> None:
    outside.refused.append("sms")


@pytest.mark.parametrize(
    "fault", [lose, double, to_somebody_else, say_something_else, send_what_was_cancelled, sign_wrongly]
)
def test_each_fault_is_found(fault: Callable[[Providers, list[Json]], None]) -> None:
    outside, notices = sound()
    fault(outside, notices)
    assert list(arrivals_and_notices(outside, notices))


def test_what_the_api_says_otherwise_is_a_difference() -> None:
    book = Notebook()
    book.expect("the state", "sent", "sent")
    book.expect("the state", "queued", "sent")
    assert book.differences == ["the state is 'queued', not 'sent'"]


def test_an_explanation_names_plan_channels_and_what_was_waited_for() -> None:
    step = {"step_key": "text", "outcome": "done", "decided_at": "2026-03-09T01:00:00Z", "notice_id": "ntc_2"}
    timeline = {
        "case": {"state": "active"},
        "past": [{**step, "reasons": ["quiet_hours"]}, {**step, "notice_id": None, "outcome": "held", "reasons": []}],
        "future": [{"step_key": "red_flag", "due_at": "2026-03-18T01:00:00Z"}],
    }
    plan = {"winner": {"plan_name": "Standard", "source": "default", "version": 1}}
    assert explained(plan, timeline, {"ntc_2": a_notice(2, "email", "t@n.example")}) == [
        "  plan        'Standard' by default, version 1",
        "  2026-03-09  text        done by email, after waiting for quiet_hours",
        "  2026-03-09  text        held",
        "  2026-03-18  red_flag    to come",
        "  now         the case is active, 1 steps to come",
    ]


def test_what_is_in_the_way_is_told_in_the_words_of_the_api() -> None:
    hold = {"code": "on_hold", "message": "Somebody has put it on hold.", "until": "2026-03-16T16:00:00Z"}
    waiting = {"next_step": {"step_key": "evening"}, "eligible_from": "2026-03-17T01:00:00Z", "blockers": [hold]}
    assert in_the_way(waiting) == "next is evening at 2026-03-17T01:00:00Z; on_hold: Somebody has put it on hold."
    done: Json = {"next_step": None, "eligible_from": None, "blockers": []}
    assert in_the_way(done) == "nothing to come; nothing is in the way"


@pytest.mark.parametrize(("secret", "accepted"), [(KEY_SECRET, True), ("guessed", False)])
async def test_the_sms_provider_verifies_what_it_is_sent(secret: str, accepted: bool) -> None:
    query = {"OutId": "ntc_1", "PhoneNumbers": "8613800006789", "TemplateParam": '{"number":"INV & 1"}'}
    async with providers() as made, aiohttp.ClientSession() as session:
        headers = signed_headers(
            host=made.url.removeprefix("http://"),
            action="SendSms",
            version="2017-05-25",
            query=query,
            body=b"",
            access_key_id=KEY_ID,
            access_key_secret=secret,
            at=SystemClock().now(),
            nonce="n1",
        )
        for signed in (headers, {}):
            await session.post(URL(f"{made.url}/?{canonical_query(query)}", encoded=True), headers=signed)
    assert ([one.text for one in made.arrived], len(made.refused)) == (["INV & 1"] * accepted, 2 - accepted)


@pytest.mark.parametrize(("secret", "accepted"), [(ROBOT_SECRET, True), ("guessed", False)])
async def test_the_staff_group_verifies_what_it_is_sent(secret: str, accepted: bool) -> None:
    told = {"timestamp": "1767600000", "sign": feishu_signature(secret, 1767600000), "content": {"text": "Late."}}
    async with providers() as made, aiohttp.ClientSession() as session:
        for body in (told, {"content": {"text": "Unsigned."}}):
            await session.post(f"{made.url}/open-apis/bot/v2/hook/{ROBOT}", json=body)
    assert ([one.text for one in made.arrived], len(made.refused)) == (["Late."] * accepted, 2 - accepted)
