"""Letters on a real PostgreSQL: numbers without gaps whatever happens, and files that never change."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from domain.access.profile import engine_context
from domain.customers.contacts import update_contact
from domain.customers.customers import update_customer
from domain.events.log import list_events
from domain.kernel.clock import FixedClock
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.payments import record_payment
from domain.messaging import letters
from domain.messaging.book import TemplateBook
from domain.messaging.letter_pages import made as made_pages
from domain.messaging.letter_settings import get_letter_settings, put_letter_settings
from domain.messaging.letters import get_letter, make_letters, tenants_awaiting_letters
from domain.messaging.model import LetterSettings, Notice
from domain.messaging.notices import get_notice, list_notices, queue_notices
from domain.messaging.rules.letter_text import NUMBER_FORMAT
from domain.messaging.sending import send_due_notices
from domain.messaging.templates import create_template, load_templates
from domain.storage.transaction import transaction
from tests.conftest import NOW
from tests.factories import tenant_context
from tests.factories_messaging import FakeChannel, a_billed_contact, a_draft, a_queued_letter, a_queued_notice


async def numbers(ctx: Context) -> list[str]:
    """Of all letters there are, in their order."""
    items = (await list_notices(ctx, PageRequest(limit=200))).items
    return sorted(notice.letter.number for notice in items if notice.letter)


async def test_a_formal_notice_has_a_number_a_new_due_date_and_a_file(ctx: Context) -> None:
    notice = await a_queued_letter(ctx)
    assert notice.new_due_on == date(2026, 1, 19)
    assert notice.letter is not None
    assert (notice.letter.number, notice.letter.sha256, notice.letter.new_due_on) == (
        "M-2026-000001",
        None,
        date(2026, 1, 19),
    )
    assert await get_notice(ctx, notice.id) == notice
    file = await get_letter(ctx, notice.id)
    assert file.content.startswith(b"%PDF-")
    assert hashlib.sha256(file.content).hexdigest() == file.sha256
    told = (await get_notice(ctx, notice.id)).letter
    assert told is not None
    assert (told.sha256, told.pages, told.size) == (file.sha256, 1, len(file.content))
    assert await get_letter(ctx, notice.id) == file


async def test_nothing_that_happens_later_changes_a_letter(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    contact, receivable = await a_billed_contact(ctx)
    draft = a_draft(contact, receivable, letter=True)
    first, second = await queue_notices(ctx, TemplateBook(), [draft, draft])
    before = await get_letter(ctx, first.id)
    await record_payment(ctx, customer_id=receivable.customer_id, amount=receivable.amount, received_on=ctx.today())
    await update_customer(ctx, receivable.customer_id, {"name": "Another name"})
    await update_contact(ctx, contact.id, {"name": "Somebody else"})
    await create_template(ctx, key="formal_letter", channel="letter", locale="en", subject="New", body="New")
    later = replace(ctx, clock=FixedClock(NOW + timedelta(days=400)))
    # The pages of the second are made only now, out of what was settled then; but for the number it is the same letter.
    assert len((await get_letter(later, second.id)).content) == pytest.approx(len(before.content), abs=200)
    monkeypatch.setattr(letters, "made", None)
    assert await get_letter(later, first.id) == before


async def test_numbers_follow_one_another_and_begin_again_with_the_year(ctx: Context) -> None:
    for number in ("A", "B"):
        await a_queued_letter(ctx, number)
    next_year = replace(ctx, clock=FixedClock(NOW + timedelta(days=365)))
    await a_queued_letter(next_year, "C")
    assert await numbers(ctx) == ["M-2026-000001", "M-2026-000002", "M-2027-000001"]


async def test_a_transaction_that_is_rolled_back_leaves_no_gap(ctx: Context) -> None:
    async def a_batch_that_fails() -> None:
        async with transaction(ctx):
            await a_queued_letter(ctx, "B")
            raise RuntimeError("the batch fails")

    await a_queued_letter(ctx, "A")
    with pytest.raises(RuntimeError):
        await a_batch_that_fails()
    await a_queued_letter(ctx, "C")
    assert await numbers(ctx) == ["M-2026-000001", "M-2026-000002"]


async def test_workers_at_once_make_every_number_once_and_one_that_is_killed_none(
    ctx: Context, database_url: str
) -> None:
    contact, receivable = await a_billed_contact(ctx)
    drafts = [a_draft(contact, receivable, letter=True)] * 3

    async def batch(fate: str) -> None:
        async with transaction(ctx) as tx:
            await queue_notices(ctx, TemplateBook(), drafts)
            if fate == "killed":
                await _kill(database_url, await tx.fetchval("select pg_backend_pid()"))
            if fate == "fails":
                raise RuntimeError("the batch fails")

    fates = ["lives", "killed", "fails", "lives", "killed", "lives"]
    ended = await asyncio.gather(*map(batch, fates), return_exceptions=True)
    assert [isinstance(outcome, BaseException) for outcome in ended] == [fate != "lives" for fate in fates]
    assert await numbers(ctx) == [f"M-2026-{n:06d}" for n in range(1, 10)]


async def test_a_text_that_fails_takes_no_number(ctx: Context) -> None:
    contact, receivable = await a_billed_contact(ctx)
    bad = a_draft(contact, receivable, template_key="missing", letter=True)
    failed, queued = await queue_notices(ctx, TemplateBook(), [bad, a_draft(contact, receivable, letter=True)])
    assert (failed.state, failed.letter) == ("failed", None)
    assert queued.letter is not None
    assert queued.letter.number == "M-2026-000001"


async def test_a_mail_waits_for_its_letter_and_carries_it(ctx: Context) -> None:
    notice = await a_queued_letter(ctx)
    plain, _, _ = await a_queued_notice(ctx, "INV-2")
    channel = FakeChannel()
    assert ctx.tenant_id in await tenants_awaiting_letters()
    assert await send_due_notices(ctx, {"email": channel}) == 1
    assert await make_letters(ctx) == 1
    assert ctx.tenant_id not in await tenants_awaiting_letters()
    assert await send_due_notices(ctx, {"email": channel}) == 1
    assert [message.notice_id for message in channel.sent] == [plain.id, notice.id]
    assert channel.sent[0].attachments == ()
    (file,) = channel.sent[1].attachments
    assert (file.name, file.media_type) == ("M-2026-000001.pdf", "application/pdf")
    assert file.content == (await get_letter(ctx, notice.id)).content
    assert (await get_notice(ctx, notice.id)).state == "sent"


async def test_a_letter_that_cannot_be_made_fails_visibly_and_stops_no_other(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await a_queued_letter(ctx, "BAD"), await a_queued_letter(ctx, "GOOD")
    real = made_pages

    def made(letter: Any) -> Any:
        if letter.lines[0].number == "BAD":
            raise ValueError("no such page")
        return real(letter)

    monkeypatch.setattr(letters, "made", made)
    assert await make_letters(ctx) == 2
    assert await make_letters(ctx) == 0
    failed = await get_notice(ctx, bad.id)
    assert (failed.state, failed.reason) == ("failed", "letter_failed")
    assert "notice.failed" in {e.type for e in (await list_events(ctx, PageRequest(), object_id=bad.id)).items}
    assert await send_due_notices(ctx, {"email": (channel := FakeChannel())}) == 1
    assert [message.notice_id for message in channel.sent] == [good.id]


async def test_makers_at_once_keep_one_file(ctx: Context) -> None:
    notice = await a_queued_letter(ctx)
    reading = asyncio.gather(*(get_letter(ctx, notice.id) for _ in range(3)))
    files, _ = await asyncio.gather(reading, make_letters(ctx))
    assert len({file.sha256 for file in files}) == 1
    assert (await get_notice(ctx, notice.id)).version == 2


async def test_a_letter_by_post_is_the_notice_itself_and_shows_its_address_to_few(ctx: Context) -> None:
    address = "杭州市西湖区文三路 90 号"
    notice = await a_queued_letter(ctx, template_key="lawyer_letter", channel="letter", recipient=address, letter=False)
    assert notice.subject == "Last demand before legal action"
    assert notice.letter is not None
    await get_letter(ctx, notice.id)
    reader = await tenant_context(ctx.tenant_id, frozenset({"notices:read"}))
    with pytest.raises(Forbidden):
        await get_letter(reader, notice.id)
    async with transaction(ctx) as tx:
        stored = await tx.fetch("select sealed_data, sealed_pdf from letters where tenant_id = $1", ctx.tenant_id)
    assert all("文三路".encode() not in column for row in stored for column in row)


async def test_a_notice_without_a_letter_has_none_to_read(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    with pytest.raises(NotFound) as refused:
        await get_letter(ctx, notice.id)
    assert refused.value.code == "letter_not_found"
    with pytest.raises(NotFound) as refused:
        await get_letter(ctx, "ntc_00000000000000000000000000")
    assert refused.value.code == "notice_not_found"


async def test_the_number_and_the_new_day_may_stand_in_the_text(ctx: Context) -> None:
    body = "{{ notice_number }} until {{ new_due_on }}"
    await create_template(ctx, key="firm_notice", locale="en", subject="Firm", body=body)
    notice = await _with_own_texts(ctx)
    assert notice.body == "M-2026-000001 until Jan 20, 2026\n"
    assert notice.template_version == 1


async def test_the_new_day_counts_from_the_customers_day(ctx: Context) -> None:
    notice = await a_queued_letter(ctx, dated_on=date(2026, 1, 4), new_due_days=7)
    assert notice.new_due_on == date(2026, 1, 11)


async def test_a_tenant_has_its_own_way_of_numbering(ctx: Context) -> None:
    assert await get_letter_settings(ctx) == LetterSettings(NUMBER_FORMAT, 0, None)
    await a_queued_letter(ctx, "A")
    set_ = await put_letter_settings(ctx, number_format="催函〔{year}〕{number}号", expected_version=0)
    assert (set_.version, await put_letter_settings(ctx, number_format=set_.number_format)) == (1, set_)
    await a_queued_letter(ctx, "B")
    assert await numbers(ctx) == ["M-2026-000001", "催函〔2026〕000002号"]
    with pytest.raises(InvalidInput) as refused:
        await put_letter_settings(ctx, number_format="{number}")
    assert refused.value.errors[0].code == "malformed_number_format"
    with pytest.raises(PreconditionFailed):
        await put_letter_settings(ctx, number_format="{year}{number}", expected_version=0)


async def test_a_year_is_the_tenants(ctx: Context) -> None:
    at_midnight = replace(ctx, clock=FixedClock(NOW.replace(year=2025, month=12, day=31, hour=17)))
    notice = await a_queued_letter(at_midnight)  # 01:00 on 1 January in Shanghai
    assert notice.letter is not None
    assert notice.letter.number == "M-2026-000001"


async def _with_own_texts(ctx: Context) -> Notice:
    from_engine = await engine_context(ctx.tenant_id)
    contact, receivable = await a_billed_contact(ctx)
    book = await load_templates(from_engine, {"firm_notice"})
    draft = a_draft(contact, receivable, template_key="firm_notice", letter=True, new_due_days=15)
    (notice,) = await queue_notices(ctx, book, [draft])
    return notice


async def _kill(database_url: str, process: int) -> None:
    killer = await asyncpg.connect(database_url)
    try:
        await killer.execute("select pg_terminate_backend($1)", process)
    finally:
        await killer.close()
