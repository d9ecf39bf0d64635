"""Complaint 10: one summary for a customer, not as many mails as invoices; told with a moving test clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from domain.customers.customers import get_customer
from domain.customers.model import Customer
from domain.dunning.reminder_settings import put_reminder_settings
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.disputes import open_dispute
from domain.ledger.model import AllocationWish, Receivable
from domain.ledger.payments import record_payment
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step, events_of
from tests.scenarios.life import Life

LADDER = [email_step("first", 3), email_step("second", 15, "firm_notice")]
AMOUNTS = (100, 200, 300, 400)
FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)


def cny(amount: int | str) -> Money:
    return Money(Decimal(amount), "CNY")


async def a_life(ctx: Context, **options: Any) -> Life:
    """A tenant whose plan combines what comes to the same step."""
    await a_plan(ctx, steps=LADDER, options={"combine": True, **options})
    return Life(ctx)


async def four_invoices(life: Life) -> list[Receivable]:
    """Of one customer, all due on the same day."""
    customer = await a_debtor(life.ctx)
    found = [
        await a_receivable(life.ctx, customer, number=f"INV-{n}", amount=cny(amount))
        for n, amount in enumerate(AMOUNTS, 1)
    ]
    await life.work()
    return found


async def notices(life: Life) -> list[Notice]:
    return (await list_notices(life.ctx, PageRequest())).items


async def test_complaint_10_four_overdue_invoices_make_one_notice_and_each_keeps_its_own_count(ctx: Context) -> None:
    life = await a_life(ctx)
    invoices = await four_invoices(life)
    other = await a_receivable(life.ctx, await a_debtor(life.ctx), number="OTHER")
    dollars = await a_receivable(
        life.ctx, (await _customer_of(life, invoices[0])), number="USD-1", amount=Money(Decimal(5), "USD")
    )
    await life.until(date(2026, 1, 14))
    assert len(life.mailbox.mails) == 3
    (notice,) = [one for one in await notices(life) if one.receivables]
    assert (notice.open_amount, len(notice.receivables)) == (cny(1000), 4)
    assert {one.receivable_id: one.open_amount for one in notice.receivables} == {i.id: i.amount for i in invoices}
    assert all(f"INV-{n}" in notice.body for n in (1, 2, 3, 4))
    for invoice in invoices:
        (occurrence,) = (await life.timeline(invoice)).past
        assert (occurrence.step_key, occurrence.outcome, occurrence.notice_id) == ("first", "done", notice.id)
        assert occurrence.anchor_receivable_id == invoice.id
        assert [one.id for one in (await list_notices(life.ctx, PageRequest(), receivable_id=invoice.id)).items] == [
            notice.id
        ]
        case = await life.case(invoice)
        assert [one.id for one in (await list_notices(life.ctx, PageRequest(), case_id=case.id)).items] == [notice.id]
    assert await life.told(other) == await life.told(dollars) == ["first done"]
    (event,) = [e for e in await events_of(life.ctx, "notice.sent") if e.data["notice"]["id"] == notice.id]
    assert len(event.data["notice"]["receivables"]) == 4

    await life.pays(await _customer_of(life, invoices[0]), "100")
    await life.until(date(2026, 1, 26))
    (second,) = [one for one in await notices(life) if one.step_key == "second" and one.receivables]
    assert (second.open_amount, len(second.receivables)) == (cny(900), 3)


async def test_complaint_10_one_changed_invoice_takes_back_the_notice_and_all_cases_decide_again(ctx: Context) -> None:
    life = await a_life(ctx)
    invoices = await four_invoices(life)
    await life.decide_only(FIRST)
    (queued,) = await notices(life)
    assert queued.state == "queued"
    last = max(invoices, key=lambda invoice: invoice.id)
    await record_payment(
        life.ctx,
        customer_id=last.customer_id,
        amount=last.amount,
        received_on=life.ctx.today(),
        allocations=[AllocationWish(receivable_id=last.id)],
    )
    await life.work()
    cancelled, sent = await notices(life)
    assert (cancelled.state, cancelled.reason) == ("cancelled", "receivable_paid")
    assert (sent.state, len(sent.receivables), sent.open_amount) == ("sent", 3, cny(1000) - last.amount)
    for invoice in invoices[:-1]:
        assert [(o.number, o.notice_id) for o in (await life.timeline(invoice)).past] == [(1, queued.id), (2, sent.id)]
    assert len(life.mailbox.mails) == 1


async def test_complaint_10_a_dispute_of_one_of_them_takes_it_out(ctx: Context) -> None:
    life = await a_life(ctx)
    invoices = await four_invoices(life)
    await life.decide_only(FIRST)
    await open_dispute(life.ctx, invoices[1].id, reason="quality")
    await life.work()
    cancelled, sent = await notices(life)
    assert (cancelled.state, cancelled.reason) == ("cancelled", "dispute_changed")
    assert (sent.state, sent.open_amount - sent.disputed_amount) == ("sent", cny(800))
    assert invoices[1].id not in {one.receivable_id for one in sent.receivables}


async def test_complaint_10_one_of_its_own_plan_is_written_about_on_its_own(ctx: Context) -> None:
    await a_plan(ctx, steps=LADDER, options={"anchor": "balance"})
    strict = await a_plan(ctx, name="Strict", steps=[email_step("only", 3)], is_default=False)
    life = Life(ctx)
    invoices = await four_invoices(life)
    await put_reminder_settings(life.ctx, invoices[0].id, plan_id=strict.id)
    await life.until(date(2026, 1, 14))
    assert await life.told(invoices[0]) == ["only done"]
    assert (await life.case(invoices[0])).receivable_id == invoices[0].id
    assert len({(await life.case(invoice)).id for invoice in invoices[1:]}) == 1
    assert sorted(len(one.receivables) for one in await notices(life)) == [0, 3]


async def test_complaint_10_small_debts_wait_and_go_out_together_once_they_are_worth_it(ctx: Context) -> None:
    life = await a_life(ctx, minimum_amount=[{"amount": "250.00", "currency": "CNY"}])
    customer = await a_debtor(life.ctx)
    small = await a_receivable(life.ctx, customer, number="SMALL", amount=cny(100))
    await life.until(date(2026, 1, 14))
    assert await life.told(small) == []
    assert (await life.case(small)).deferred_reasons == ["below_minimum_amount"]
    more = await a_receivable(life.ctx, customer, number="MORE", amount=cny(200), due_on=date(2026, 1, 13))
    await life.until(date(2026, 1, 17))
    (notice,) = await notices(life)
    assert {one.receivable_id for one in notice.receivables} == {small.id, more.id}
    assert await life.told(small) == await life.told(more) == ["first done"]


async def test_complaint_10_a_small_balance_waits_until_more_of_it_is_due(ctx: Context) -> None:
    life = await a_life(ctx, anchor="balance", minimum_amount=[{"amount": "250.00", "currency": "CNY"}])
    customer = await a_debtor(life.ctx)
    small = await a_receivable(life.ctx, customer, number="SMALL", amount=cny(100))
    await a_receivable(life.ctx, customer, number="MORE", amount=cny(200), due_on=date(2026, 1, 20))
    await life.until(date(2026, 1, 19))
    assert (await notices(life), (await life.case(small)).deferred_reasons) == ([], ["below_minimum_amount"])
    await life.until(date(2026, 1, 21))
    (notice,) = await notices(life)
    assert (notice.open_amount, notice.step_key) == (cny(300), "first")


async def _customer_of(life: Life, receivable: Receivable) -> Customer:
    return await get_customer(life.ctx, receivable.customer_id)
