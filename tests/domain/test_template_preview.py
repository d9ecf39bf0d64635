"""Previews: what they show is what would be sent, letter for letter."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.dunning.engine import run_due_cases
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import create_receivable
from domain.messaging.model import TemplatePreview
from domain.messaging.notices import list_notices
from domain.messaging.preview import Wanted, preview_template
from domain.messaging.templates import create_template
from tests.factories import a_contact, a_customer, tenant_context
from tests.factories_dunning import a_plan, at
from tests.factories_messaging import a_billed_contact


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
async def test_a_preview_is_what_the_engine_sends(ctx: Context, locale: str) -> None:
    body = "{{ contact_name }}\n{% for r in receivables %}{{ r.number }} {{ r.days_overdue }}{% endfor %}\n{{ total_due_amount }}"
    own = await create_template(ctx, key="overdue_notice", locale=locale, subject="{{ number }}", body=body)
    await a_plan(ctx)
    contact, receivable = await a_billed_contact(ctx, locale=locale)
    ctx = await at(ctx, ctx.now())
    while await react(ctx) + await run_due_cases(ctx):
        pass
    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert notice.template_key == "overdue_notice"
    for wanted in (Wanted(template_id=own.id), Wanted(key="overdue_notice", locale=locale)):
        shown = await preview_template(ctx, wanted, receivable_id=receivable.id)
        assert (shown.subject, shown.body, shown.locale) == (notice.subject, notice.body, notice.locale)
        assert (shown.template_id, shown.template_version) == (notice.template_id, notice.template_version)
    unsaved = Wanted(subject=own.subject, body=own.body, locale=locale)
    drafted = await preview_template(ctx, unsaved, receivable_id=receivable.id)
    assert (drafted.subject, drafted.body, drafted.template_id) == (notice.subject, notice.body, None)
    assert contact.name in shown.body


async def test_without_data_of_ones_own_there_are_samples_in_each_language(ctx: Context) -> None:
    shown = await preview_template(ctx, Wanted(key="friendly_reminder", tone="friendly", locale="zh-CN"))
    assert shown.subject == "【友好提醒】关于发票 INV-2025-0117 号等 2 笔的付款安排"
    assert "杭州蓝海贸易有限公司" in shown.body
    english = await preview_template(ctx, Wanted(key="firm_notice", channel="sms"), new_due_days=14)
    assert "Lanhai Trading" in english.body
    assert (english.length, english.length_limit, english.length_unit) == (len(english.body), 500, "characters")
    assert english.warnings == []


async def test_all_that_a_customer_owes_can_be_shown(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_contact(ctx, customer)
    for number, amount in (("INV-1", "100.00"), ("INV-2", "50.00")):
        money = Money(Decimal(amount), "CNY")
        day = date(2025, 12, 1)
        await create_receivable(
            ctx, customer_id=customer.id, number=number, amount=money, issued_on=day, due_on=date(2025, 12, 31)
        )
    shown = await preview_template(ctx, Wanted(key="overdue_notice"), customer_id=customer.id)
    assert all(wanted in shown.body for wanted in ("INV-1", "INV-2", "CN¥150.00"))
    nothing = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await preview_template(ctx, Wanted(key="overdue_notice"), customer_id=nothing.id)
    assert refused.value.errors[0].code == "nothing_open"


async def test_a_letter_can_be_looked_at_as_a_file(ctx: Context) -> None:
    def file(shown: TemplatePreview) -> bytes:
        return base64.b64decode(shown.pdf_base64 or "")

    wanted = Wanted(key="formal_letter", channel="letter")
    first = await preview_template(ctx, wanted, new_due_days=14, pdf=True)
    assert file(first).startswith(b"%PDF-")
    assert file(first) == file(await preview_template(ctx, wanted, new_due_days=14, pdf=True))
    assert (await preview_template(ctx, wanted)).pdf_base64 is None


@pytest.mark.parametrize(
    ("wanted", "pointer", "code"),
    [
        (Wanted(), "/template_id", "one_text"),
        (Wanted(key="overdue_notice", body="x"), "/template_id", "one_text"),
        (Wanted(body="{{ nope }}", subject="s"), "/body", "template_unknown_variable"),
        (Wanted(body="x", subject=""), "/subject", "template_empty"),
        (Wanted(body="x", channel="Bad Channel"), "/channel", "malformed_channel"),
        (Wanted(body="x", subject="s", locale="tlh"), "/locale", "unknown_locale"),
        (Wanted(body="x" * 501, channel="sms"), "/body", "text_too_long"),
    ],
)
async def test_what_could_not_be_saved_cannot_be_previewed(
    ctx: Context, wanted: Wanted, pointer: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await preview_template(ctx, wanted)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, code)]


async def test_a_text_that_real_data_make_too_long_is_warned_of(ctx: Context) -> None:
    customer = await a_customer(ctx, name="N" * 150)
    day = date(2025, 12, 31)
    money = Money(Decimal(1), "CNY")
    receivable = await create_receivable(
        ctx, customer_id=customer.id, number="INV-1", amount=money, issued_on=day, due_on=day
    )
    wanted = Wanted(body="x" * 400 + "{{ customer_name }}", channel="sms")
    shown = await preview_template(ctx, wanted, receivable_id=receivable.id)
    assert (shown.length, shown.warnings) == (551, ["text_too_long"])


async def test_a_preview_shows_nothing_that_its_reader_may_not_read(ctx: Context) -> None:
    _, receivable = await a_billed_contact(ctx)
    reader = await tenant_context(ctx.tenant_id, frozenset({"templates:read"}))
    await preview_template(reader, Wanted(key="overdue_notice"))
    ways: list[dict[str, Any]] = [{"receivable_id": receivable.id}, {"customer_id": receivable.customer_id}]
    for data in ways:
        with pytest.raises(Forbidden):
            await preview_template(reader, Wanted(key="overdue_notice"), **data)
    with pytest.raises(NotFound):
        await preview_template(ctx, Wanted(key="no_such_key"))
    both: dict[str, Any] = {"receivable_id": receivable.id, "customer_id": receivable.customer_id}
    with pytest.raises(InvalidInput):
        await preview_template(ctx, Wanted(key="overdue_notice"), **both)
