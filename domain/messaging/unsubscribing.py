"""Links in mails by which their recipients stop them (RFC 8058), good without signing in.

The token names tenant and notice and is signed with the tenant's search key, which never changes. Whoever has it can do nothing but
opt the notice's contact out of that channel.
"""

from __future__ import annotations

import base64
import hmac
import re

from domain.access.profile import engine_context
from domain.customers.contacts import get_contact_if_there
from domain.kernel.context import Context
from domain.kernel.errors import NotFound, Unauthenticated
from domain.messaging import store
from domain.messaging.model import Notice
from domain.messaging.receipt_model import Receipt
from domain.messaging.receipts import record_receipts
from domain.storage.transaction import reading

_TOKEN = re.compile(r"([0-7][0-9a-hjkmnp-tv-z]{25})([0-7][0-9a-hjkmnp-tv-z]{25})([a-z2-7]{24})", re.ASCII)
_SIGNATURE_BYTES = 15
ONE_CLICK = "one_click"


def unsubscribe_token(ctx: Context, notice_id: str) -> str:
    """What stands in the link of a notice's mail."""
    return f"{ctx.tenant_id[4:]}{notice_id[4:]}{_signature(ctx, notice_id)}"


async def notice_of_token(token: str) -> tuple[Context, Notice]:
    """The notice that a link is of, and the engine's context in its tenant; raises NotFound for anything but a good link."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise NotFound.of("link", token)
    try:
        ctx = await engine_context(f"tnt_{found[1]}")
    except Unauthenticated as gone:
        raise NotFound.of("link", token) from gone
    notice_id = f"ntc_{found[2]}"
    if not hmac.compare_digest(_signature(ctx, notice_id), found[3]):
        raise NotFound.of("link", token)
    async with reading(ctx):
        return ctx, await store.get_notice(ctx, notice_id)


async def company_of(ctx: Context) -> str:
    """The name under which the tenant writes."""
    async with reading(ctx) as tx:
        name: str = await tx.fetchval("select name from tenants where id = $1", ctx.tenant_id)
        return name


async def unsubscribe(token: str) -> Notice:
    """Opts the notice's contact out of its channel; a second time changes nothing. Raises NotFound."""
    ctx, notice = await notice_of_token(token)
    contact = await get_contact_if_there(ctx, notice.contact_id)
    if contact is not None and notice.channel not in contact.opted_out_channels:
        stop = Receipt(kind="opted_out", occurred_at=ctx.now(), code=ONE_CLICK, notice_id=notice.id)
        await record_receipts(ctx, [stop], account_id=None)
    return notice


def _signature(ctx: Context, notice_id: str) -> str:
    hashed = ctx.keys.search_hash(f"unsubscribe:{notice_id}")[:_SIGNATURE_BYTES]
    return base64.b32encode(hashed).decode().lower()
