"""Receipts in PostgreSQL, and the notices that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import PageRequest
from domain.messaging import store
from domain.messaging.model import Notice
from domain.messaging.receipt_model import IgnoredReceipts, NoticeReceipt
from domain.storage.bulk import insert_rows, update_rows
from domain.storage.transaction import sql

_RECEIPT = ", ".join(field.name for field in fields(NoticeReceipt))
_IGNORED = ", ".join(field.name for field in fields(IgnoredReceipts))
_RECEIPT_COLUMNS = {
    "tenant_id": "text",
    "id": "text",
    "notice_id": "text",
    "kind": "text",
    "code": "text",
    "detail": "text",
    "occurred_at": "timestamptz",
    "received_at": "timestamptz",
}
_KEYS = {"tenant_id": "text", "id": "text"}
_TOLD = {
    "state": "text",
    "reason": "text",
    "next_attempt_at": "timestamptz",
    "offered_at": "timestamptz",
    "claimed_until": "timestamptz",
    "delivered_at": "timestamptz",
    "read_at": "timestamptz",
    "replied_at": "timestamptz",
    "bounced_at": "timestamptz",
    "version": "integer",
}

Natural = tuple[str, str, str, Any]


async def ids_of_messages(ctx: Context, account_id: str, message_ids: Sequence[str]) -> dict[str, str]:
    """Notice ids by the provider's own ids of the messages."""
    rows = await sql(ctx).fetch(
        "select provider_message_id, id from notices where tenant_id = $1 and channel_account_id = $2"
        " and provider_message_id = any($3) and provider_message_id is not null",
        ctx.tenant_id,
        account_id,
        list(message_ids),
    )
    return {row["provider_message_id"]: row["id"] for row in rows}


async def wait_for_senders(ctx: Context) -> None:
    """Waits for the notices that are being sent at this moment: a fast provider tells of a message before its id is stored."""
    await sql(ctx).execute(
        "select 1 from notices where tenant_id = $1 and leased_until is not null order by id for share", ctx.tenant_id
    )


async def lock_notices(ctx: Context, ids: Iterable[str]) -> dict[str, Notice]:
    """Those of the notices that exist, locked until the transaction ends."""
    rows = await sql(ctx).fetch(
        f"select {store.NOTICE} from notices n where n.tenant_id = $1 and n.id = any($2) order by n.id for update",
        ctx.tenant_id,
        list(set(ids)),
    )
    return {row["id"]: store.notice_of(ctx)(row) for row in rows}


async def known_receipts(ctx: Context, notice_ids: Sequence[str]) -> set[Natural]:
    """What has been told of these notices already."""
    rows = await sql(ctx).fetch(
        "select notice_id, kind, code, occurred_at from receipts where tenant_id = $1 and notice_id = any($2)",
        ctx.tenant_id,
        list(notice_ids),
    )
    return {tuple(row) for row in rows}


def natural_key(receipt: NoticeReceipt) -> Natural:
    """By what a receipt is known to have come before."""
    return receipt.notice_id, receipt.kind, receipt.code, receipt.occurred_at


async def add_receipts(ctx: Context, receipts: Sequence[NoticeReceipt]) -> None:
    """Stores receipts in one statement."""
    rows = [(ctx.tenant_id, *(getattr(receipt, field.name) for field in fields(receipt))) for receipt in receipts]
    await insert_rows(sql(ctx), "receipts", _RECEIPT_COLUMNS, rows)


async def save_told(ctx: Context, notices: Sequence[Notice]) -> None:
    """Stores what receipts made of notices."""
    rows = [(ctx.tenant_id, notice.id, *(getattr(notice, name) for name in _TOLD)) for notice in notices]
    await update_rows(sql(ctx), "notices", _KEYS, _TOLD, rows)


async def count_ignored(ctx: Context, account_id: str | None, ignored: dict[tuple[str, str], int]) -> None:
    """Counts receipts that belong to no notice, by kind and reason."""
    for (kind, reason), count in sorted(ignored.items()):
        await sql(ctx).execute(
            """
            insert into ignored_receipts (tenant_id, id, channel_account_id, kind, reason, count, last_received_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (tenant_id, channel_account_id, kind, reason)
            do update set count = ignored_receipts.count + excluded.count, last_received_at = excluded.last_received_at
            """,
            *(ctx.tenant_id, new_id("igr"), account_id, kind, reason, count, ctx.now()),
        )


async def page_of_receipts(ctx: Context, notice_id: str, request: PageRequest) -> list[Any]:
    """Rows of a page of one notice's receipts, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_RECEIPT} from receipts where tenant_id = $1 and notice_id = $2 and ($3::text is null or id > $3)"
        " order by id limit $4",
        *(ctx.tenant_id, notice_id, request.after, request.limit + 1),
    )


async def page_of_ignored(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page of what was ignored, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_IGNORED} from ignored_receipts where tenant_id = $1 and ($2::text is null or id > $2)"
        " order by id limit $3",
        *(ctx.tenant_id, request.after, request.limit + 1),
    )


def receipt_of(row: Any) -> NoticeReceipt:
    """A receipt from its row."""
    return NoticeReceipt(**dict(row))


def ignored_of(row: Any) -> IgnoredReceipts:
    """A count from its row."""
    return IgnoredReceipts(**dict(row))
