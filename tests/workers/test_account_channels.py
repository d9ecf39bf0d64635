"""Channels of tenants' accounts: kept open by version, brought along by packages, and a mail server of the tenant's own."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.events.address_policy import install_address_policy
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.messaging import providers
from domain.messaging.account_model import AccountRef, ChannelAccount, OpenAccount
from domain.messaging.channel_accounts import create_channel_account, update_channel_account
from tests.conftest import NOW
from tests.factories_channels import an_sms_account
from tests.workers.test_smtp import FROM, Mailbox, a_message, mail_server
from workers.channels.registry import AccountChannels, OpenChannel, open_smtp
from workers.http import GuardedHttp

PACKAGE = """
import msgspec
from domain.messaging.channel_model import (Outcome)
from domain.messaging.provider_model import Provider


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    colour: str


class Pigeon:
    provider = Provider(name="pigeon", channels=frozenset({"pigeon_post"}), settings=Settings)

    @staticmethod
    def open(account, http):
        return Loft(account)


class Loft:
    def __init__(self, account):
        self.account = account

    async def send(self, messages):
        return [Outcome("accepted", "flown", self.account.settings["colour"]) for _ in messages]

    async def close(self):
        pass
"""


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    async with GuardedHttp(allow_private=True, timeout=1.0) as client:
        yield client


@pytest.fixture
def pigeons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with an entry point that stands on the path and was never installed by anybody."""
    (tmp_path / "pigeon_post.py").write_text(PACKAGE)
    metadata = tmp_path / "pigeon_post-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon-post\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[dunwell.channels]\npigeon = pigeon_post:Pigeon\n")
    monkeypatch.syspath_prepend(tmp_path)
    providers.plugins.cache_clear()
    yield
    sys.modules.pop("pigeon_post", None)
    providers.plugins.cache_clear()


async def test_a_package_brings_a_provider_along(ctx: Context, http: GuardedHttp, pigeons: None) -> None:
    fields: dict[str, Any] = {"channel": "pigeon_post", "provider": "pigeon", "name": "Loft"}
    with pytest.raises(InvalidInput) as refused:
        await create_channel_account(ctx, **fields, settings={"color": "white"})
    assert refused.value.errors[0].pointer == "/settings/color"
    account = await create_channel_account(ctx, **fields, settings={"colour": "white"})
    channel = await AccountChannels(http).channel(ctx, AccountRef(account.id, 1, "pigeon"))
    (outcome,) = await channel.send([a_message()])
    assert (outcome.code, outcome.detail) == ("flown", "white")


async def test_an_account_is_opened_once_and_again_when_it_has_changed(ctx: Context, http: GuardedHttp) -> None:
    account = await an_sms_account(ctx)
    opened: list[_Recorded] = []
    channels = AccountChannels(http, {"twilio": lambda found, _: _remember(opened, found)})
    first = await channels.channel(ctx, AccountRef(account.id, 1, "twilio"))
    assert await channels.channel(ctx, AccountRef(account.id, 1, "twilio")) is first
    await update_channel_account(ctx, account.id, {"credentials": {"auth_token": "new"}})
    second = await channels.channel(ctx, AccountRef(account.id, 2, "twilio"))
    assert second is not first
    assert [(one.account.credentials["auth_token"], one.closed) for one in opened] == [
        ("twilio-token", True),
        ("new", False),
    ]
    await channels.close()
    assert opened[1].closed


async def test_the_longest_unused_channel_is_closed_when_there_are_too_many(ctx: Context, http: GuardedHttp) -> None:
    opened: list[_Recorded] = []
    channels = AccountChannels(http, {"twilio": lambda found, _: _remember(opened, found)}, most_open=2)
    for _ in range(3):
        account = await an_sms_account(ctx, state="disabled")
        await channels.channel(ctx, AccountRef(account.id, 1, "twilio"))
    assert [one.closed for one in opened] == [True, False, False]


class _Recorded:
    def __init__(self, account: OpenAccount) -> None:
        self.account, self.closed = account, False

    async def send(self, messages: object) -> list[object]:
        return []

    async def close(self) -> None:
        self.closed = True


def _remember(opened: list[_Recorded], account: OpenAccount) -> OpenChannel:
    opened.append(_Recorded(account))
    return opened[-1]  # type: ignore[return-value]


def a_mail_account(port: int, **settings: str) -> OpenAccount:
    account = ChannelAccount(
        id="cha_1",
        channel="email",
        provider="smtp",
        name="Mail",
        state="active",
        settings={"host": "127.0.0.1", "port": port, "tls": "opportunistic", "from": FROM, **settings},
        messages_per_minute=None,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )
    return OpenAccount(account=account, credentials={"username": None, "password": None}, callback_url="x")


async def test_mail_leaves_through_the_tenants_own_server(http: GuardedHttp) -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as url:
        channel = open_smtp(a_mail_account(int(url.rpartition(":")[2])), http)
        (outcome,) = await channel.send([a_message()])
        await channel.close()
    assert (outcome.kind, [mail["From"] for mail in mailbox.mails]) == ("accepted", [FROM])


async def test_a_channel_that_was_closed_keeps_no_connection(http: GuardedHttp) -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as url:
        channel = open_smtp(a_mail_account(int(url.rpartition(":")[2])), http)
        await channel.close()
        for _ in range(2):
            (outcome,) = await channel.send([a_message()])
            assert outcome.kind == "accepted"
    assert mailbox.connections == 2


async def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for(http: GuardedHttp) -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as url:
        channel = open_smtp(a_mail_account(int(url.rpartition(":")[2]), tls="starttls"), http)
        (outcome,) = await channel.send([a_message()])
        await channel.close()
    assert (outcome.kind, mailbox.mails) == ("retryable", [])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_mail_server_inside_our_network_is_not_connected_to(http: GuardedHttp, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        install_address_policy(allow_private=False)
        try:
            channel = open_smtp(a_mail_account(listening.getsockname()[1], host=host), http)
        finally:
            install_address_policy(allow_private=True)
        (outcome,) = await channel.send([a_message()])
        with pytest.raises(TimeoutError):
            listening.accept()
    assert (outcome.kind, outcome.code) == ("retryable", "private_address")
