"""Notices: queued in bulk by the engine, listed with what became of them."""

from __future__ import annotations

from dataclasses import replace

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.messaging import listing, store
from domain.messaging.book import TemplateBook
from domain.messaging.model import Delivery, Notice, NoticeDraft, NoticeState, Rendered
from domain.messaging.rules.liquid import RenderError
from domain.storage.transaction import reading, transaction

# Right-hand side of every Message-ID. A constant, not the sender's domain: the id is stored when the notice is queued
# and stays the same at every attempt, whatever the process that sends it has as MAIL_FROM.
MESSAGE_ID_HOST = "dunwell.local"


async def queue_notices(ctx: Context, book: TemplateBook, drafts: list[NoticeDraft]) -> list[Notice]:
    """Renders and stores notices, due at once; the answer has the order of `drafts`.

    A draft whose template fails with its values becomes a failed notice (`template_failed`), so that one bad text
    neither stops the others nor disappears.
    """
    notices = [_notice(ctx, book, draft) for draft in drafts]
    async with transaction(ctx):
        await store.add_notices(ctx, notices)
        await listing.add(ctx, notices)
        emit(ctx, *map(notice_event, notices))
    return notices


@use_case("notices:read")
async def get_notice(ctx: Context, notice_id: str) -> Notice:
    """One notice; raises NotFound."""
    async with reading(ctx):
        (notice,) = await listing.with_receivables(ctx, [await store.get_notice(ctx, notice_id)])
    return notice


@use_case("notices:read")
async def list_notices(
    ctx: Context,
    page: PageRequest,
    *,
    customer_id: str | None = None,
    receivable_id: str | None = None,
    case_id: str | None = None,
    state: NoticeState | None = None,
) -> Page[Notice]:
    """Notices in the order of their creation, optionally of one customer, receivable, case or state."""
    filters = {"customer_id": customer_id, "receivable_id": receivable_id, "case_id": case_id, "state": state}
    async with reading(ctx):
        rows = await store.page_of_notices(ctx, page, filters)
        found = page_of(rows, page, lambda row: str(row["id"]), store.notice_of(ctx))
        return replace(found, items=await listing.with_receivables(ctx, found.items))


@use_case("notices:read")
async def list_deliveries(ctx: Context, notice_id: str, page: PageRequest) -> Page[Delivery]:
    """The attempts to send a notice, in their order; raises NotFound for an unknown notice."""
    async with reading(ctx):
        await store.get_notice(ctx, notice_id)
        rows = await store.page_of_deliveries(ctx, notice_id, page.number_after(), page.limit + 1)
    return page_of(rows, page, lambda row: str(row["number"]), store.delivery_of)


def notice_event(notice: Notice) -> NewEvent:
    """`notice.` and the state it has come to (queued, sent, failed, unknown, cancelled), with the whole notice."""
    return NewEvent(f"notice.{notice.state}", notice.id, {"notice": notice})


def _notice(ctx: Context, book: TemplateBook, draft: NoticeDraft) -> Notice:
    notice_id, now = new_id("ntc"), ctx.now()
    try:
        text, failed = book.render(draft.template_key, draft.channel, draft.locale, draft.variables), False
    except RenderError:
        text, failed = Rendered("", "", draft.locale), True
    return Notice(
        id=notice_id,
        customer_id=draft.customer_id,
        receivable_id=draft.receivable_id,
        contact_id=draft.contact_id,
        case_id=draft.case_id,
        step_key=draft.step_key,
        channel=draft.channel,
        template_key=draft.template_key,
        locale=text.locale,
        recipient=draft.recipient,
        subject=text.subject,
        body=text.body,
        open_amount=draft.open_amount,
        disputed_amount=draft.disputed_amount,
        due_on=draft.due_on,
        message_id=f"<{notice_id}@{MESSAGE_ID_HOST}>",
        state="failed" if failed else "queued",
        reason="template_failed" if failed else None,
        attempt_count=0,
        next_attempt_at=None if failed else now,
        version=1,
        created_at=now,
        sent_at=None,
        receivables=list(draft.receivables),
    )
