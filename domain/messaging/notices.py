"""Notices: queued in bulk by the engine, listed with what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_ids
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.messaging import listing, store
from domain.messaging.book import TemplateBook
from domain.messaging.composing import Composed, compose, is_sayable, wants_letter
from domain.messaging.intent_store import integrator_accounts
from domain.messaging.letter_store import add_letters, get_settings, take_serials
from domain.messaging.model import Delivery, Letter, Notice, NoticeDraft, NoticeState
from domain.messaging.rules.letter_text import LetterData, letter_number
from domain.messaging.rules.variables import texts_of
from domain.storage.transaction import reading, transaction

# Right-hand side of every Message-ID. A constant, not the sender's domain: the id is stored when the notice is queued
# and stays the same at every attempt, whatever the process that sends it has as MAIL_FROM.
MESSAGE_ID_HOST = "dunwell.local"


async def queue_notices(ctx: Context, book: TemplateBook, drafts: list[NoticeDraft]) -> list[Notice]:
    """Renders and stores notices, due at once; the answer has the order of `drafts`.

    Those of a channel that an integrator serves wait for it to claim them (intents.py); our sender never sees them.
    A draft whose template fails with its values becomes a failed notice (`template_failed`, `text_too_long`), so that one bad text
    neither stops the others nor disappears. Letters take their numbers in this transaction: without gaps, whatever becomes of it.
    """
    today = ctx.today()
    async with transaction(ctx):
        integrators = await integrator_accounts(ctx)
        numbers = await _numbers(ctx, book, drafts, today)
        letters: list[tuple[str, int, LetterData]] = []
        notices = []
        for position, (notice_id, draft) in enumerate(zip(new_ids("ntc", len(drafts)), drafts, strict=True)):
            serial, number = numbers.get(position, (0, None))
            made = compose(book, draft, today, number)
            notices.append(_notice(ctx, notice_id, draft, made, integrators.get(draft.channel)))
            if made.letter:
                letters.append((notices[-1].id, serial, made.letter))
        await store.add_notices(ctx, notices)
        if letters:
            await add_letters(ctx, today.year, letters)
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


async def _numbers(
    ctx: Context, book: TemplateBook, drafts: list[NoticeDraft], today: date
) -> dict[int, tuple[int, str]]:
    """A number, and how it is written, for each draft that gets a letter, by its position; those that fail to render get none."""
    wanted = [position for position, draft in enumerate(drafts) if wants_letter(draft)]
    if not wanted:
        return {}
    form = (await get_settings(ctx)).number_format
    sayable = [position for position in wanted if is_sayable(book, drafts[position], today, form)]
    if not sayable:
        return {}
    serials = await take_serials(ctx, today.year, len(sayable))
    return {p: (serial, letter_number(form, today.year, serial)) for p, serial in zip(sayable, serials, strict=True)}


def _notice(ctx: Context, notice_id: str, draft: NoticeDraft, made: Composed, integrator: str | None) -> Notice:
    now, text, state = ctx.now(), made.text, _first_state(draft, made)
    is_queued = state == "queued"
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
        state=state,
        reason=made.failure,
        attempt_count=0,
        next_attempt_at=now if is_queued and not integrator else None,
        offered_at=now if is_queued and integrator else None,
        version=1,
        created_at=now,
        sent_at=None,
        contact_policy=draft.contact_policy,
        variables={} if draft.channel == "email" and integrator is None else texts_of(made.variables),
        channel_account_id=integrator,
        tone=draft.tone,
        template_id=text.template_id,
        template_version=text.template_version,
        template_sha256=text.template_sha256,
        new_due_on=made.new_due_on,
        letter=_unmade(made),
        audience=draft.audience,
        receivables=list(draft.named),
    )


def _first_state(draft: NoticeDraft, made: Composed) -> NoticeState:
    if made.failure:
        return "failed"
    return "proposed" if draft.proposed else "queued"


def _unmade(made: Composed) -> Letter | None:
    """The letter whose pages are still to be made."""
    if made.letter is None:
        return None
    return Letter(number=made.letter.number, sha256=None, pages=None, size=None, new_due_on=made.new_due_on)
