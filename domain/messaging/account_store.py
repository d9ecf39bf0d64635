"""Channel accounts in PostgreSQL, always bound to the context's tenant; what is secret of them is sealed."""

from __future__ import annotations

import hmac
from dataclasses import fields
from typing import Any

import msgspec
from asyncpg import UniqueViolationError

from domain.access.public_url import public_url
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import PageRequest, as_json
from domain.messaging.account_model import ChannelAccount, OpenAccount
from domain.messaging.tables import ChannelAccountRow
from domain.storage.transaction import sql, unbound

TABLE = "channel_accounts"
_ACCOUNT = ", ".join(field.name for field in fields(ChannelAccount))


async def add(ctx: Context, account: ChannelAccount, credentials: dict[str, Any], callback_secret: str) -> None:
    """Stores a new account; raises Conflict (`channel_account_active`) if it is active and another one is."""
    sealed = {
        "sealed_credentials": _seal(ctx, account.id, credentials),
        "sealed_callback_secret": _seal_secret(ctx, account.id, callback_secret),
    }
    try:
        await ChannelAccountRow.insert(ChannelAccountRow(tenant_id=ctx.tenant_id, **_values(account), **sealed))
    except UniqueViolationError as taken:
        raise _another_active(account.channel) from taken


async def save(
    ctx: Context,
    account: ChannelAccount,
    *,
    credentials: dict[str, Any] | None = None,
    callback_secret: str | None = None,
) -> None:
    """Replaces an account's row, and its secrets where they are given; raises Conflict (`channel_account_active`)."""
    values = _values(account)
    if credentials is not None:
        values["sealed_credentials"] = _seal(ctx, account.id, credentials)
    if callback_secret is not None:
        values["sealed_callback_secret"] = _seal_secret(ctx, account.id, callback_secret)
    try:
        await ChannelAccountRow.update(values).where(
            (ChannelAccountRow.tenant_id == ctx.tenant_id) & (ChannelAccountRow.id == account.id)
        )
    except UniqueViolationError as taken:
        raise _another_active(account.channel) from taken


async def get(ctx: Context, account_id: str, *, lock: bool = False) -> ChannelAccount:
    """One account; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_ACCOUNT} from {TABLE} where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        account_id,
    )
    if row is None:
        raise NotFound.of("channel_account", account_id)
    return account_of(row)


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_ACCOUNT} from {TABLE} where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def count(ctx: Context) -> int:
    """How many accounts the tenant has, disabled ones too."""
    found: int = await sql(ctx).fetchval(f"select count(*) from {TABLE} where tenant_id = $1", ctx.tenant_id)
    return found


async def opened(ctx: Context, account_id: str) -> OpenAccount:
    """An account with its secrets, in the open transaction; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_ACCOUNT}, sealed_credentials, sealed_callback_secret from {TABLE} where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        account_id,
    )
    if row is None:
        raise NotFound.of("channel_account", account_id)
    values = dict(row)
    credentials = ctx.keys.open(values.pop("sealed_credentials"), TABLE, account_id, "credentials")
    secret = ctx.keys.open(values.pop("sealed_callback_secret"), TABLE, account_id, "callback_secret").decode()
    return OpenAccount(
        account=account_of(values),
        credentials=msgspec.json.decode(credentials),
        callback_url=callback_url(account_id, secret),
    )


async def providers_in_use(ctx: Context) -> dict[str, str]:
    """The provider of each channel with an active account."""
    rows = await sql(ctx).fetch(
        f"select channel, provider from {TABLE} where tenant_id = $1 and state = 'active'", ctx.tenant_id
    )
    return {row["channel"]: row["provider"] for row in rows}


async def ids_in_use(ctx: Context) -> dict[str, str]:
    """The id of each channel's active account."""
    rows = await sql(ctx).fetch(
        f"select channel, id from {TABLE} where tenant_id = $1 and state = 'active'", ctx.tenant_id
    )
    return {row["channel"]: row["id"] for row in rows}


async def tenant_of(account_id: str) -> str | None:
    """Whose account it is, across tenants: for callbacks, which name nothing else."""
    async with unbound() as tx:
        found: str | None = await tx.fetchval("select door_tenant_of_channel_account($1)", account_id)
        return found


def callback_url(account_id: str, secret: str) -> str:
    """Where the provider posts what became of messages."""
    return f"{public_url()}/hooks/{account_id}/{secret}"


def is_secret_of(account: OpenAccount, secret: str) -> bool:
    """Whether a callback names the account's secret; takes the same time whatever is wrong."""
    return hmac.compare_digest(account.callback_url.rpartition("/")[2].encode(), secret.encode("utf-8", "replace"))


def account_of(row: Any) -> ChannelAccount:
    """An account from its row."""
    return ChannelAccount(**{**dict(row), "settings": msgspec.json.decode(row["settings"])})


def _values(account: ChannelAccount) -> dict[str, Any]:
    values = {field.name: getattr(account, field.name) for field in fields(ChannelAccount)}
    return {**values, "settings": as_json(account.settings)}


def _seal(ctx: Context, account_id: str, credentials: dict[str, Any]) -> bytes:
    return ctx.keys.seal(msgspec.json.encode(credentials), TABLE, account_id, "credentials")


def _seal_secret(ctx: Context, account_id: str, secret: str) -> bytes:
    return ctx.keys.seal(secret.encode(), TABLE, account_id, "callback_secret")


def _another_active(channel: str) -> Conflict:
    return Conflict("channel_account_active", f"Another account of the channel {channel} is active; disable it first.")
