"""Messages that somebody has yet to confirm, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.kernel.context import Context
from domain.messaging.account_model import AccountRef
from domain.messaging.rules.confirming import next_poll_at
from domain.storage.bulk import insert_rows, update_rows
from domain.storage.doors import tenants_through
from domain.storage.transaction import sql

_MOST_TENANTS = 100
_COLUMNS = {
    "tenant_id": "text",
    "notice_id": "text",
    "provider_message_id": "text",
    "since": "timestamptz",
    "next_poll_at": "timestamptz",
}
_KEYS = {"tenant_id": "text", "notice_id": "text"}


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message that its provider is asked about, through the account that it left by.

    `is_wanted` is whether what it asks for is still what is owed.
    """

    account: AccountRef
    provider_message_id: str
    is_wanted: bool


async def add(ctx: Context, awaited: Sequence[tuple[str, str]], now: datetime) -> None:
    """Stores notice ids with their providers' ids."""
    rows = [(ctx.tenant_id, notice_id, known_as, now, next_poll_at(now, now)) for notice_id, known_as in awaited]
    await insert_rows(sql(ctx), "awaited_confirmations", _COLUMNS, rows)


async def claim(ctx: Context, now: datetime, limit: int) -> list[Awaited]:
    """Those to be asked about now; each comes up again later, whatever becomes of the asking."""
    rows = await sql(ctx).fetch(
        """
        select a.notice_id, a.provider_message_id, a.since, c.id, c.version, c.provider,
          r.open_amount = n.open_amount as is_wanted
        from awaited_confirmations a join notices n on n.tenant_id = a.tenant_id and n.id = a.notice_id
          join receivables r on r.tenant_id = a.tenant_id and r.id = n.receivable_id
          join channel_accounts c on c.tenant_id = a.tenant_id and c.id = n.channel_account_id
        where a.tenant_id = $1 and a.next_poll_at <= $2 order by a.next_poll_at, a.notice_id limit $3
        for update of a skip locked
        """,
        *(ctx.tenant_id, now, limit),
    )
    later = [(ctx.tenant_id, row["notice_id"], next_poll_at(row["since"], now)) for row in rows]
    await update_rows(sql(ctx), "awaited_confirmations", _KEYS, {"next_poll_at": "timestamptz"}, later)
    return [_awaited(row) for row in rows]


async def finish(ctx: Context, account_id: str, provider_message_ids: Sequence[str]) -> None:
    """These are not asked about any more."""
    await sql(ctx).execute(
        """
        update awaited_confirmations a set next_poll_at = null from notices n
        where a.tenant_id = $1 and n.tenant_id = $1 and n.id = a.notice_id
          and n.channel_account_id = $2 and a.provider_message_id = any($3)
        """,
        *(ctx.tenant_id, account_id, list(provider_message_ids)),
    )


async def tenants_with_confirmations(at: datetime) -> list[str]:
    """Tenants with a message to be asked about at `at`, which is real time."""
    return await tenants_through("door_tenants_with_confirmations", at, _MOST_TENANTS)


def _awaited(row: Any) -> Awaited:
    account = AccountRef(row["id"], row["version"], row["provider"])
    return Awaited(account, row["provider_message_id"], row["is_wanted"])
