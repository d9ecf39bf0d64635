"""Calls of the use cases of channel accounts."""

from __future__ import annotations

from typing import Any

from domain.kernel.ids import new_id
from domain.messaging.account_model import NewChannelAccount
from domain.messaging.channel_accounts import create_channel_account, disable_channel_account
from tests.matrix.registry import Call, Victim, case, one, plain


def _own_channel() -> str:
    """A channel of which no account is active yet."""
    return f"x{new_id('ext')[-20:]}"


async def _made(v: Victim, **fields: Any) -> NewChannelAccount:
    named = {"channel": _own_channel(), "provider": "integrator", "name": "Hushed account", **fields}
    return await create_channel_account(v.ctx, **named)


async def _account(v: Victim) -> str:
    return (await _made(v)).id


async def _disabled(v: Victim) -> str:
    account = await _made(v)
    return (await disable_channel_account(v.ctx, account.id)).id


@case("create_channel_account")
async def _create(_: Victim) -> Call:
    body = {"channel": _own_channel(), "provider": "integrator", "name": "New"}
    return Call(body=body, names_objects=False)


plain("list_channel_accounts")
one(_account, "account_id", "get_channel_account", "disable_channel_account", "renew_callback_url")
one(_account, "account_id", "update_channel_account", body={"name": "Changed"})


@case("send_test_message")
async def _send_test_message(v: Victim) -> Call:
    settings = {"host": "mail.acme.example", "from": "dunning@acme.example"}
    account = await _made(v, channel="email", provider="smtp", settings=settings, state="disabled")
    return Call(path={"account_id": account.id}, body={"recipient": "me@acme.example"})


one(_disabled, "account_id", "enable_channel_account")
