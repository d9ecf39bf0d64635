"""Receipts for tests."""

from __future__ import annotations

from datetime import datetime

from domain.kernel.context import Context
from domain.kernel.errors import Conflict
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.messaging.channel_accounts import create_channel_account, list_channel_accounts
from domain.messaging.intent_model import NoticeIntent
from domain.messaging.intents import claim_notices
from domain.messaging.model import Notice
from domain.messaging.notices import queue_notices
from domain.messaging.receipt_model import Receipt, ReceiptKind
from domain.messaging.sending import send_due_notices
from domain.messaging.templates import create_template, load_templates
from tests.conftest import NOW
from tests.factories_messaging import FakeChannel, a_billed_contact, a_draft, a_queued_notice


def a_receipt(notice: Notice | None, kind: ReceiptKind, code: str = "", at: datetime = NOW, **more: str) -> Receipt:
    """What is told of a notice."""
    return Receipt(kind=kind, code=code, occurred_at=at, notice_id=notice.id if notice else None, **more)


async def a_sent_notice(ctx: Context, number: str = "INV-1", email: str = "wang.fang@lanhai.example") -> Notice:
    """A notice that the mail server has accepted."""
    notice, _, _ = await a_queued_notice(ctx, number, email)
    await send_due_notices(ctx, {"email": FakeChannel()})
    return notice


async def an_integrator(ctx: Context, channel: str = "whatsapp") -> str:
    """The account by which an integrator serves a channel, and a text to send through it."""
    try:
        await create_template(
            ctx, key="nudge", channel=channel, locale="en", subject="{{ number }}", body="{{ due_amount }}"
        )
        return (await create_channel_account(ctx, channel=channel, provider="integrator", name="Ours")).id
    except Conflict:
        return next(one.id for one in (await list_channel_accounts(ctx, PageRequest())).items if one.channel == channel)


async def an_offered_notice(
    ctx: Context, number: str = "INV-1", channel: str = "whatsapp"
) -> tuple[Notice, Receivable]:
    """A notice that waits for the integrator who serves its channel."""
    await an_integrator(ctx, channel)
    contact, receivable = await a_billed_contact(ctx, number=number, phone="+8613800006789")
    recipient = contact.email if channel == "email" else contact.phone
    draft = a_draft(contact, receivable, channel=channel, template_key="nudge", recipient=recipient)
    (notice,) = await queue_notices(ctx, await load_templates(ctx, {"nudge"}), [draft])
    return notice, receivable


async def a_claimed_notice(ctx: Context, number: str = "INV-1") -> tuple[NoticeIntent, Receivable]:
    """A notice in an integrator's hands."""
    notice, receivable = await an_offered_notice(ctx, number)
    while intents := (await claim_notices(ctx, limit=100)).intents:
        for intent in intents:
            if intent.notice.id == notice.id:
                return intent, receivable
    raise AssertionError("it was not offered")
