"""Use cases of channel accounts: through whom a tenant's messages leave, one active account for each channel."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.messaging import account_store as store
from domain.messaging.account_checks import checked_credentials, checked_settings, provider_for
from domain.messaging.account_model import AccountState, ChannelAccount, NewChannelAccount, OpenAccount
from domain.messaging.intent_store import offer_queued, withdraw_offered
from domain.messaging.providers import INTEGRATOR
from domain.storage.transaction import reading, transaction

SERVER_CHANNELS = frozenset({"email"})
"""Channels that the server's own settings serve where a tenant has no account."""
MAX_ACCOUNTS = 100
_SECRET_BYTES = 32


@use_case("channels:write")
async def create_channel_account(
    ctx: Context,
    *,
    channel: str,
    provider: str,
    name: str,
    settings: dict[str, Any] | None = None,
    credentials: dict[str, Any] | None = None,
    messages_per_minute: int | None = None,
    state: AccountState = "active",
) -> NewChannelAccount:
    """Registers an account; the answer carries its callback address, this once. Raises Conflict if another one is active."""
    of = provider_for(channel, provider)
    now = ctx.now()
    account = ChannelAccount(
        id=new_id("cha"),
        channel=channel,
        provider=provider,
        name=name,
        state=state,
        settings=checked_settings(of, settings or {}),
        messages_per_minute=messages_per_minute,
        version=1,
        created_at=now,
        updated_at=now,
    )
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    async with transaction(ctx):
        if await store.count(ctx) >= MAX_ACCOUNTS:
            raise Conflict("too_many_channel_accounts", f"A tenant has at most {MAX_ACCOUNTS} channel accounts.")
        await store.add(ctx, account, checked_credentials(of, credentials or {}), secret)
        await _hand_over(ctx, account)
        emit(ctx, _event("created", account))
    return NewChannelAccount(**asdict(account), callback_url=store.callback_url(account.id, secret))


@use_case("channels:write")
async def update_channel_account(
    ctx: Context, account_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> ChannelAccount:
    """Changes name, settings, credentials or messages_per_minute; settings and credentials are replaced whole."""
    async with transaction(ctx):
        account = await store.get(ctx, account_id, lock=True)
        expect(account.version, expected_version)
        of = provider_for(account.channel, account.provider)
        fields = dict(changes)
        credentials = fields.pop("credentials", None)
        if credentials is not None:
            credentials = checked_credentials(of, credentials)
        if "settings" in fields:
            fields["settings"] = checked_settings(of, fields["settings"])
        changed = replace(account, **fields)
        if changed == account and credentials is None:
            return account
        return await _save(ctx, changed, "updated", credentials=credentials)


@use_case("channels:write")
async def disable_channel_account(
    ctx: Context, account_id: str, *, expected_version: int | None = None
) -> ChannelAccount:
    """Sends nothing through an account any more; what is queued for its channel fails unless another one serves it."""
    return await _set_state(ctx, account_id, "disabled", expected_version)


@use_case("channels:write")
async def enable_channel_account(
    ctx: Context, account_id: str, *, expected_version: int | None = None
) -> ChannelAccount:
    """Sends through an account again; raises Conflict (`channel_account_active`) while another one of its channel is active."""
    return await _set_state(ctx, account_id, "active", expected_version)


@use_case("channels:write")
async def renew_callback_url(
    ctx: Context, account_id: str, *, expected_version: int | None = None
) -> NewChannelAccount:
    """Gives an account a new callback address; the old one is good for nothing at once."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    async with transaction(ctx):
        account = await store.get(ctx, account_id, lock=True)
        expect(account.version, expected_version)
        changed = await _save(ctx, account, "updated", callback_secret=secret)
    return NewChannelAccount(**asdict(changed), callback_url=store.callback_url(account_id, secret))


@use_case("channels:read")
async def get_channel_account(ctx: Context, account_id: str) -> ChannelAccount:
    """One account, without what is secret of it; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, account_id)


@use_case("channels:read")
async def list_channel_accounts(ctx: Context, page: PageRequest) -> Page[ChannelAccount]:
    """The tenant's accounts in the order of their creation."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.account_of)


async def usable_channels(ctx: Context) -> frozenset[str]:
    """Channels through which something can leave now; one statement, to be asked once for a batch."""
    async with reading(ctx):
        return frozenset(await store.providers_in_use(ctx)) | SERVER_CHANNELS


async def open_account(ctx: Context, account_id: str) -> OpenAccount:
    """An account with what is secret of it, for those who send through it or read its callbacks; raises NotFound."""
    async with reading(ctx):
        return await store.opened(ctx, account_id)


async def _set_state(
    ctx: Context, account_id: str, state: AccountState, expected_version: int | None
) -> ChannelAccount:
    async with transaction(ctx):
        account = await store.get(ctx, account_id, lock=True)
        expect(account.version, expected_version)
        if account.state == state:
            return account
        changed = await _save(ctx, replace(account, state=state), "enabled" if state == "active" else "disabled")
        await _hand_over(ctx, changed)
        return changed


async def _hand_over(ctx: Context, account: ChannelAccount) -> None:
    """What waits on the channel goes to whoever serves it now, an integrator or our own sender."""
    if account.state == "active" and account.provider == INTEGRATOR:
        await offer_queued(ctx, account.channel, account.id)
    else:
        await withdraw_offered(ctx, account.channel)


async def _save(ctx: Context, account: ChannelAccount, what: str, **secret: Any) -> ChannelAccount:
    changed = replace(account, version=account.version + 1, updated_at=ctx.now())
    await store.save(ctx, changed, **secret)
    emit(ctx, _event(what, changed))
    return changed


def _event(what: str, account: ChannelAccount) -> NewEvent:
    return NewEvent(f"channel_account.{what}", account.id, {"channel_account": account})
