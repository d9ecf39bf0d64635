"""Complaint 7 about other systems: a reminder has to be a legal document, with a PDF, a number and a new due date.

invoiceninja #8716 and #4020 (Norway: 14 more days, or the claim may be void), frappe/books #909, Dolibarr #14695.
"""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, date, datetime

import pypdf

from domain.customers.model import Contact
from domain.kernel.context import Context
from domain.ledger.model import Receivable
from domain.ledger.payments import record_payment
from domain.messaging.letters import get_letter
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice, queue_notices
from domain.messaging.templates import load_templates
from domain.storage.transaction import transaction
from tests.factories_dunning import at
from tests.factories_messaging import a_billed_contact, a_draft
from tests.scenarios.life import Life


async def a_formal_notice(life: Life, contact: Contact, receivable: Receivable) -> Notice:
    """What a step with a letter and 14 more days asks for."""
    book = await load_templates(life.ctx, {"final_notice"})
    draft = a_draft(
        contact,
        receivable,
        template_key="final_notice",
        tone="final",
        letter=True,
        new_due_days=14,
        dated_on=life.ctx.today(),
    )
    (notice,) = await queue_notices(life.ctx, book, [draft])
    return notice


async def the_batch_fails(life: Life, contact: Contact, receivable: Receivable) -> None:
    """A worker gets as far as the notice, and no further."""
    try:
        async with transaction(life.ctx):
            await a_formal_notice(life, contact, receivable)
            raise ConnectionError("the worker dies")
    except ConnectionError:
        pass


async def test_complaint_07_a_reminder_is_a_numbered_document_that_never_changes(ctx: Context) -> None:
    """Three customers are written to formally; one pays before the mail leaves, and one worker dies half-way."""
    life = Life(ctx)
    (wang, first), (li, second), (zhao, third) = [await a_billed_contact(ctx, number=f"INV-{n}") for n in (1, 2, 3)]
    life.ctx = await at(life.ctx, datetime(2026, 2, 2, 1, tzinfo=UTC))
    one = await a_formal_notice(life, wang, first)
    await the_batch_fails(life, li, second)
    two = await a_formal_notice(life, li, second)
    await record_payment(life.ctx, customer_id=second.customer_id, amount=second.amount, received_on=life.ctx.today())
    await life.work()
    life.ctx = await at(life.ctx, datetime(2026, 2, 3, 1, tzinfo=UTC))
    three = await a_formal_notice(life, zhao, third)
    await life.work()

    notices = [await get_notice(life.ctx, notice.id) for notice in (one, two, three)]
    letters = [notice.letter for notice in notices]
    assert [letter and letter.number for letter in letters] == ["M-2026-000001", "M-2026-000002", "M-2026-000003"]
    assert [(notice.state, notice.reason) for notice in notices] == [
        ("sent", None),
        ("cancelled", "receivable_paid"),
        ("sent", None),
    ]
    assert [notice.new_due_on for notice in notices] == [date(2026, 2, 16), date(2026, 2, 16), date(2026, 2, 17)]

    mails = life.mailbox.mails
    assert [mail.notice_id for mail in mails] == [one.id, three.id]
    (file,) = mails[0].attachments
    said = "".join(pypdf.PdfReader(io.BytesIO(file.content)).pages[0].extract_text().split())
    for wanted in ("M-2026-000001", "INV-1", "CN¥1,299.00", "Feb16,2026", "AcmeReceivables", "WangFang"):
        assert wanted in said, wanted

    life.ctx = await at(life.ctx, datetime(2029, 6, 1, 1, tzinfo=UTC))
    again = await get_letter(life.ctx, one.id)
    assert again.content == file.content
    assert again.sha256 == hashlib.sha256(file.content).hexdigest() == letters[0].sha256  # type: ignore[union-attr]
    # What was never sent is a document all the same: its number is accounted for.
    assert (await get_letter(life.ctx, two.id)).number == "M-2026-000002"
