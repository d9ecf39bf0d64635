"""A debt whose reminders come back: the next contact is written to, then somebody looks for an address."""

from __future__ import annotations

from datetime import date

from domain.collections.tasks import list_tasks
from domain.customers.contacts import get_contact
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from domain.messaging.receipts import record_receipts
from tests.factories import a_contact, a_customer
from tests.factories_dunning import a_plan
from tests.factories_ledger import a_receivable
from tests.factories_receipts import a_receipt
from tests.scenarios.life import Life

OVERDUE = {"type": "email", "template": "overdue_notice"}
STEPS = [
    {
        "key": "first",
        "offset_days": 3,
        "time_of_day": "09:00",
        "action": {"type": "email", "template": "overdue_notice"},
    },
    {
        "key": "second",
        "offset_days": 10,
        "time_of_day": "09:00",
        "action": {"type": "email", "template": "overdue_notice"},
    },
]


async def _last_notice(life: Life) -> Notice:
    return (await list_notices(life.ctx, PageRequest())).items[-1]


async def test_what_comes_back_goes_to_the_next_contact_and_then_to_a_person(ctx: Context) -> None:
    life = Life(ctx)
    await a_plan(ctx, steps=STEPS)
    customer = await a_customer(ctx)
    gone = await a_contact(ctx, customer, email="gone@lanhai.example")
    other = await a_contact(ctx, customer, email="other@lanhai.example", role="other")
    receivable = await a_receivable(ctx, customer, due_on=date(2026, 1, 10))

    await life.until(date(2026, 1, 13))
    assert [mail.recipient for mail in life.mailbox.mails] == ["gone@lanhai.example"]
    await record_receipts(
        life.ctx, [a_receipt(await _last_notice(life), "bounced", "5.1.1", life.ctx.now())], account_id=None
    )
    await life.work()
    assert [mail.recipient for mail in life.mailbox.mails] == ["gone@lanhai.example", "other@lanhai.example"]

    await life.until(date(2026, 1, 15))
    await record_receipts(
        life.ctx, [a_receipt(await _last_notice(life), "bounced", "5.1.1", life.ctx.now())], account_id=None
    )
    await life.work()
    assert len(life.mailbox.mails) == 2
    (task,) = (await list_tasks(life.ctx, PageRequest(), customer_id=customer.id)).items
    assert task.title == f"Find an e-mail address of {customer.name}"
    assert "came back" in task.description

    await life.until(date(2026, 1, 25))
    assert len(life.mailbox.mails) == 2
    assert await life.told(receivable) == [
        "first done",
        "first done bounced",
        "first held address_invalid",
        "second held address_invalid",
    ]
    assert [(await get_contact(life.ctx, one.id)).invalid_addresses[0].reason for one in (gone, other)] == ["5.1.1"] * 2


async def test_a_bounce_that_is_heard_after_the_next_step_does_not_go_back_on_the_ladder(ctx: Context) -> None:
    life = Life(ctx)
    await a_plan(ctx, steps=STEPS)
    customer = await a_customer(ctx)
    await a_contact(ctx, customer, email="first@lanhai.example")
    receivable = await a_receivable(ctx, customer, due_on=date(2026, 1, 10))
    await life.until(date(2026, 1, 13))
    early = await _last_notice(life)
    await life.until(date(2026, 1, 21))
    await a_contact(life.ctx, customer, email="second@lanhai.example", role="other")
    await record_receipts(life.ctx, [a_receipt(early, "bounced", "5.1.1", life.ctx.now())], account_id=None)
    await life.work()
    assert await life.told(receivable) == ["first done", "second done"]
    assert len(life.mailbox.mails) == 2


async def test_what_failed_for_another_reason_is_left_alone(ctx: Context) -> None:
    life = Life(ctx)
    await a_plan(ctx, steps=STEPS)
    customer = await a_customer(ctx)
    contact = await a_contact(ctx, customer, email="full@lanhai.example")
    receivable = await a_receivable(ctx, customer, due_on=date(2026, 1, 10))
    await life.until(date(2026, 1, 13))
    await record_receipts(
        life.ctx, [a_receipt(await _last_notice(life), "bounced", "4.2.2", life.ctx.now())], account_id=None
    )
    await life.until(date(2026, 1, 21))
    assert (await get_contact(life.ctx, contact.id)).invalid_addresses == []
    assert await life.told(receivable) == ["first done", "second done"]
