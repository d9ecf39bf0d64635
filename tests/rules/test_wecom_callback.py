"""WeCom's callbacks: signed, encrypted, and only about what they may be about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.messaging.provider_model import Callback, CallbackForged, CallbackMalformed, CallbackRequest
from domain.messaging.rules.callbacks import wecom
from tests.fakes import wecom as fake

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SETTINGS: dict[str, Any] = {"corp_id": fake.CORP_ID, "sender": "zhangsan", "base_url": "https://qyapi.weixin.qq.com"}
CREDENTIALS: dict[str, Any] = {
    "secret": "s",
    "callback_token": fake.CALLBACK_TOKEN,
    "callback_aes_key": fake.CALLBACK_AES_KEY,
}


def called(query: dict[str, str], body: bytes | None = None, **credentials: str | None) -> Callback:
    """What a request of WeCom comes to."""
    request = CallbackRequest(
        method="GET" if body is None else "POST",
        url="https://x.example/hooks/cha_1/s",
        headers={},
        query=query,
        body=body or b"",
        received_at=NOW,
    )
    return wecom.parse(request, SETTINGS, CREDENTIALS | credentials)


def an_event(change: str, user: str = "zhangsan", created: str = "1767600000") -> str:
    return (
        f"<xml><ToUserName>{fake.CORP_ID}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{created}</CreateTime>"
        f"<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>{change}</ChangeType>"
        f"<UserID>{user}</UserID><ExternalUserID>wmAAA</ExternalUserID></xml>"
    )


def test_the_address_of_a_callback_is_proved_by_its_echo() -> None:
    answer = called(fake.echo_of(b"1616140317555161061"))
    assert (answer.status, answer.body, answer.media_type) == (200, b"1616140317555161061", "text/plain")
    for forged in (fake.echo_of(b"1") | {"msg_signature": "0" * 40}, {}):
        with pytest.raises(CallbackForged, match="signature"):
            called(forged)


@pytest.mark.parametrize(("change", "kind"), [("del_follow_user", "opted_out"), ("del_external_contact", "failed")])
def test_a_removed_contact_cannot_be_written_to(change: str, kind: str) -> None:
    answer = called(*fake.callback_of(an_event(change)))
    (receipt,) = answer.receipts
    assert (receipt.kind, receipt.code, receipt.address) == (kind, f"wecom_{change}", "wmAAA")
    assert receipt.occurred_at == datetime.fromtimestamp(1767600000, UTC)
    assert answer.body == b""


@pytest.mark.parametrize(
    "event",
    [
        an_event("add_external_contact"),
        an_event("edit_external_contact"),
        an_event("del_follow_user", user="lisi"),
        "<xml><MsgType>text</MsgType></xml>",
    ],
)
def test_other_changes_change_nothing(event: str) -> None:
    assert called(*fake.callback_of(event)).receipts == ()


@pytest.mark.parametrize(
    ("query", "body"),
    [
        fake.callback_of(an_event("del_follow_user"), token="other"),
        fake.callback_of(an_event("del_follow_user"), corp_id="ww1"),
        ({}, b"<xml/>"),
    ],
)
def test_a_callback_of_somebody_else_is_forged(query: dict[str, str], body: bytes) -> None:
    with pytest.raises(CallbackForged):
        called(query, body)


_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>'


@pytest.mark.parametrize(
    ("query", "body"),
    [
        fake.callback_of(an_event("del_follow_user", created="soon")),
        fake.callback_of("no xml"),
        ({}, b""),
        ({}, b"\xff"),
        ({}, _BOMB.encode()),
        ({}, b"<xml>" + b" " * 70_000 + b"</xml>"),
    ],
)
def test_what_is_not_wecoms_format_is_malformed(query: dict[str, str], body: bytes) -> None:
    with pytest.raises(CallbackMalformed):
        called(query, body)


def test_without_callback_credentials_everything_is_forged() -> None:
    with pytest.raises(CallbackForged, match="no token"):
        called(fake.echo_of(b"1"), callback_token=None)
    with pytest.raises(CallbackForged, match="decrypted"):
        called(fake.echo_of(b"1"), callback_aes_key="A" * 43)
