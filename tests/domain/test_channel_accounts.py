"""Accounts at message providers: checked before they are stored, secret for ever, one active for each channel."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events.address_policy import install_address_policy
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.messaging import account_store
from domain.messaging.channel_accounts import (
    create_channel_account,
    disable_channel_account,
    enable_channel_account,
    get_channel_account,
    list_channel_accounts,
    renew_callback_url,
    update_channel_account,
    usable_channels,
)
from domain.storage.transaction import reading

ALIYUN: dict[str, Any] = {
    "channel": "sms",
    "provider": "aliyun",
    "name": "Aliyun, Shanghai",
    "settings": {"sign_name": "蓝海", "templates": {"overdue_notice": {"code": "SMS_1", "params": ["number"]}}},
    "credentials": {"access_key_id": "LTAI-key", "access_key_secret": "hushed-secret"},
}


async def test_an_account_is_kept_without_showing_its_credentials(ctx: Context) -> None:
    made = await create_channel_account(ctx, **ALIYUN)
    found = await get_channel_account(ctx, made.id)
    assert (found.provider, found.state, found.version) == ("aliyun", "active", 1)
    assert found.settings["endpoint"] == "https://dysmsapi.aliyuncs.com"
    assert "hushed-secret" not in repr(found)
    assert [account.id for account in (await list_channel_accounts(ctx, PageRequest())).items] == [made.id]
    async with reading(ctx) as tx:
        row = await tx.fetchval("select t::text from channel_accounts t where tenant_id = $1", ctx.tenant_id)
        opened = await account_store.opened(ctx, made.id)
    assert b"hushed-secret".hex() not in row
    assert opened.credentials == ALIYUN["credentials"]
    assert opened.callback_url == made.callback_url
    assert "hushed-secret" not in repr(opened)


async def test_of_each_channel_one_account_is_active(ctx: Context) -> None:
    first = await create_channel_account(ctx, **ALIYUN)
    with pytest.raises(Conflict) as taken:
        await create_channel_account(ctx, **ALIYUN)
    assert taken.value.code == "channel_account_active"
    second = await create_channel_account(ctx, **ALIYUN, state="disabled")
    with pytest.raises(Conflict):
        await enable_channel_account(ctx, second.id)
    assert await usable_channels(ctx) == {"email", "sms"}
    await disable_channel_account(ctx, first.id)
    assert await usable_channels(ctx) == {"email"}
    assert (await enable_channel_account(ctx, second.id)).state == "active"
    assert (await enable_channel_account(ctx, second.id)).version == 2  # the same call again changes nothing


async def test_a_change_of_credentials_is_a_new_version(ctx: Context) -> None:
    made = await create_channel_account(ctx, **ALIYUN)
    other = {"access_key_id": "LTAI-key", "access_key_secret": "another"}
    changed = await update_channel_account(ctx, made.id, {"credentials": other}, expected_version=1)
    assert changed.version == 2
    async with reading(ctx):
        assert (await account_store.opened(ctx, made.id)).credentials == other
    with pytest.raises(PreconditionFailed):
        await update_channel_account(ctx, made.id, {"name": "x"}, expected_version=1)
    assert (await update_channel_account(ctx, made.id, {"name": made.name})).version == 2


async def test_a_new_callback_address_replaces_the_old_one(ctx: Context) -> None:
    made = await create_channel_account(ctx, **ALIYUN)
    renewed = await renew_callback_url(ctx, made.id)
    assert renewed.callback_url != made.callback_url
    async with reading(ctx):
        opened = await account_store.opened(ctx, made.id)
    assert account_store.is_secret_of(opened, renewed.callback_url.rpartition("/")[2])
    assert not account_store.is_secret_of(opened, made.callback_url.rpartition("/")[2])


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"provider": "nobody"}, "/provider", "unknown_provider"),
        ({"channel": "email"}, "/provider", "provider_not_for_channel"),
        ({"channel": "SMS"}, "/channel", "malformed_channel"),
        ({"settings": {"templates": {}}}, "/settings/sign_name", "missing_field"),
        ({"settings": {"sign_name": "x", "templates": {}, "sing": 1}}, "/settings/sing", "unknown_field"),
        (
            {"settings": {"sign_name": "x", "templates": {}, "endpoint": "ftp://x"}},
            "/settings/endpoint",
            "unsupported_scheme",
        ),
        ({"credentials": {"access_key_id": "x"}}, "/credentials/access_key_secret", "missing_field"),
        (
            {"credentials": {"access_key_id": "x", "access_key_secret": 5}},
            "/credentials/access_key_secret",
            "invalid_value",
        ),
    ],
)
async def test_what_is_wrong_has_its_place(ctx: Context, fields: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_channel_account(ctx, **{**ALIYUN, **fields})
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    ("host", "code"),
    [("10.0.0.1", "private_address"), ("127.0.0.1", "private_address"), ("localhost", "private_address")],
)
async def test_a_mail_server_is_not_inside_our_network(ctx: Context, host: str, code: str) -> None:
    settings = {"host": host, "from": "Acme <dunning@acme.example>"}
    install_address_policy(allow_private=False)
    try:
        with pytest.raises(InvalidInput) as refused:
            await create_channel_account(ctx, channel="email", provider="smtp", name="Mail", settings=settings)
    finally:
        install_address_policy(allow_private=True)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/settings/host", code)]


@pytest.mark.parametrize(
    ("credentials", "pointer"),
    [({"username": "x"}, "/credentials/password"), ({"password": "x"}, "/credentials/username")],
)
async def test_user_name_and_password_come_together(ctx: Context, credentials: dict[str, Any], pointer: str) -> None:
    settings = {"host": "mail.acme.example", "from": "dunning@acme.example"}
    with pytest.raises(InvalidInput) as refused:
        await create_channel_account(
            ctx, channel="email", provider="smtp", name="Mail", settings=settings, credentials=credentials
        )
    assert refused.value.errors[0].pointer == pointer


async def test_a_tenant_has_not_any_number_of_accounts(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.messaging.channel_accounts.MAX_ACCOUNTS", 1)
    await create_channel_account(ctx, **ALIYUN)
    with pytest.raises(Conflict) as refused:
        await create_channel_account(ctx, **ALIYUN, state="disabled")
    assert refused.value.code == "too_many_channel_accounts"


async def test_another_tenants_account_does_not_exist(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await get_channel_account(ctx, "cha_01jd3k00000000000000000000")
