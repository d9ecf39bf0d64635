"""Queueing and reading notices on a real PostgreSQL."""

from __future__ import annotations

import re

import pytest

from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.messaging.book import TemplateBook
from domain.messaging.notices import get_notice, list_deliveries, list_notices, queue_notices
from domain.storage.transaction import transaction
from tests.conftest import NOW
from tests.factories import tenant_context
from tests.factories_messaging import a_billed_contact, a_draft, a_queued_notice, variables_of


async def test_a_queued_notice_holds_its_rendered_text_for_good(ctx: Context) -> None:
    contact, receivable = await a_billed_contact(ctx)
    draft = a_draft(contact, receivable, locale="zh-CN", variables=variables_of(contact, receivable, "zh-CN"))
    (notice,) = await queue_notices(ctx, TemplateBook(), [draft])
    assert await get_notice(ctx, notice.id) == notice
    assert notice.subject == "【逾期提醒】账单 INV-1 已逾期 5 天，应付金额 ¥1,299.00"
    assert notice.message_id == f"<{notice.id}@dunwell.local>"
    assert (notice.state, notice.next_attempt_at, notice.attempt_count) == ("queued", NOW, 0)


async def test_queueing_tells_the_whole_notice(ctx: Context) -> None:
    contact, receivable = await a_billed_contact(ctx)
    (notice,) = await queue_notices(ctx, TemplateBook(), [a_draft(contact, receivable)])
    (event,) = (await list_events(ctx, PageRequest(), object_id=notice.id)).items
    assert event.type == "notice.queued"
    assert event.data["notice"]["open_amount"] == {"amount": "1299.00", "currency": "CNY"}
    assert event.data["notice"]["body"] == notice.body


async def test_five_hundred_drafts_take_two_statements(ctx: Context) -> None:
    contact, receivable = await a_billed_contact(ctx)
    drafts = [a_draft(contact, receivable, step_key=f"s{n}") for n in range(500)]
    statements: list[str] = []
    async with transaction(ctx) as tx:
        tx.connection.add_query_logger(lambda query: statements.append(query.query))
        notices = await queue_notices(ctx, TemplateBook(), drafts)
    assert [notice.step_key for notice in notices] == [f"s{n}" for n in range(500)]
    written = [table for query in statements for table in re.findall(r"(?:insert into|update) (\w+)", query)]
    assert written == ["notices", "event_streams", "events"]
    assert sum("insert into" in query for query in statements) == 2


async def test_a_template_that_fails_makes_a_failed_notice_and_stops_nobody(ctx: Context) -> None:
    contact, receivable = await a_billed_contact(ctx)
    bad = a_draft(contact, receivable, template_key="missing")
    failed, queued = await queue_notices(ctx, TemplateBook(), [bad, a_draft(contact, receivable)])
    assert (failed.state, failed.reason, failed.next_attempt_at) == ("failed", "template_failed", None)
    assert queued.state == "queued"
    types = {event.type for event in (await list_events(ctx, PageRequest(), object_id=failed.id)).items}
    assert types == {"notice.failed"}


async def test_notices_are_listed_by_what_they_belong_to(ctx: Context) -> None:
    contact, receivable = await a_billed_contact(ctx)
    other_contact, other = await a_billed_contact(ctx, number="INV-2")
    first, second, third = await queue_notices(
        ctx,
        TemplateBook(),
        [a_draft(contact, receivable), a_draft(contact, receivable, case_id="cas_1"), a_draft(other_contact, other)],
    )
    assert (await list_notices(ctx, PageRequest(), receivable_id=receivable.id)).items == [first, second]
    assert (await list_notices(ctx, PageRequest(), customer_id=other.customer_id)).items == [third]
    assert (await list_notices(ctx, PageRequest(), case_id="cas_1", state="queued")).items == [second]
    assert (await list_notices(ctx, PageRequest(), state="sent")).items == []
    page = await list_notices(ctx, PageRequest(limit=2))
    assert (await list_notices(ctx, PageRequest(limit=2, after=page.next_key))).items == [third]


async def test_deliveries_of_an_unknown_notice_are_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await list_deliveries(ctx, "ntc_00000000000000000000000000", PageRequest())


async def test_a_forged_cursor_of_deliveries_is_refused(ctx: Context) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    with pytest.raises(InvalidInput):
        await list_deliveries(ctx, notice.id, PageRequest(after="x"))


async def test_reading_needs_the_scope(ctx: Context) -> None:
    with pytest.raises(Forbidden):
        await list_notices(await tenant_context(ctx.tenant_id, frozenset()), PageRequest())
