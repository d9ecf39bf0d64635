"""Receipts for tests."""

from __future__ import annotations

from datetime import datetime

from domain.kernel.context import Context
from domain.messaging.model import Notice
from domain.messaging.receipt_model import Receipt, ReceiptKind
from domain.messaging.sending import send_due_notices
from tests.conftest import NOW
from tests.factories_messaging import FakeChannel, a_queued_notice


def a_receipt(notice: Notice | None, kind: ReceiptKind, code: str = "", at: datetime = NOW, **more: str) -> Receipt:
    """What is told of a notice."""
    return Receipt(kind=kind, code=code, occurred_at=at, notice_id=notice.id if notice else None, **more)


async def a_sent_notice(ctx: Context, number: str = "INV-1", email: str = "wang.fang@lanhai.example") -> Notice:
    """A notice that the mail server has accepted."""
    notice, _, _ = await a_queued_notice(ctx, number, email)
    await send_due_notices(ctx, {"email": FakeChannel()})
    return notice
