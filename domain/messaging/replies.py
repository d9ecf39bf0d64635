"""Replies that name nobody but the address they come from: which message they most likely answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.customers.address_index import contact_ids_at
from domain.kernel.context import Context
from domain.messaging.account_model import ChannelAccount
from domain.messaging.receipt_model import Receipt
from domain.storage.transaction import reading


async def with_notices(ctx: Context, account: ChannelAccount, receipts: Sequence[Receipt]) -> list[Receipt]:
    """The receipts; each reply that names no message gets the last notice that this account sent to its address, if there is one."""
    return [
        replace(receipt, notice_id=await _last_notice(ctx, account, receipt.address))
        if receipt.kind == "replied" and receipt.address and not (receipt.notice_id or receipt.provider_message_id)
        else receipt
        for receipt in receipts
    ]


async def _last_notice(ctx: Context, account: ChannelAccount, address: str) -> str | None:
    async with reading(ctx) as tx:
        contacts = await contact_ids_at(ctx, account.channel, address)
        found: str | None = await tx.fetchval(
            """
            select n.id from contacts c join notices n on n.tenant_id = c.tenant_id and n.customer_id = c.customer_id
            where c.tenant_id = $1 and c.id = any($2) and n.contact_id = c.id and n.channel_account_id = $3 and n.sent_at is not null
            order by n.id desc limit 1
            """,
            ctx.tenant_id,
            contacts,
            account.id,
        )
        return found
