"""The life of a debt, told with a moving test clock through every worker of the engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.collections.escalations import list_escalations
from domain.collections.tasks import list_tasks
from domain.customers.contacts import list_contacts, update_contact
from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.ledger.payment_changes import reverse_payment
from domain.ledger.payments import list_payments
from domain.ledger.receivables import get_receivable
from domain.messaging.channel_model import Outcome
from domain.messaging.notices import list_notices
from tests.factories_dunning import LADDER, a_debtor, a_plan, a_receivable, email_step, events_of
from tests.scenarios.life import Life

JANUARY = date(2026, 1, 1)


def january(day: int) -> date:
    return JANUARY + timedelta(days=day - 1)


@pytest.fixture
async def life(ctx: Context) -> Life:
    await a_plan(ctx)
    return Life(ctx)


@pytest.fixture
async def debtor(life: Life) -> Customer:
    return await a_debtor(life.ctx)


@pytest.fixture
async def debt(life: Life, debtor: Customer) -> Receivable:
    """1,299 CNY due on 10 January; the reminders would come on 7, 13 and 25 January, the lawyer on 11 March."""
    receivable = await a_receivable(life.ctx, debtor)
    await life.work()
    return receivable


async def test_a_customer_who_pays_after_the_first_reminder_hears_nothing_more(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    await life.until(january(8))
    await life.pays(debtor, "1299.00")
    await life.until(january(80))
    assert await life.told(debt) == ["friendly done"]
    assert len(life.mailbox.mails) == 1
    case = await life.case(debt)
    assert (case.state, case.close_reason) == ("closed", "paid")
    kinds = [event.type for event in await events_of(life.ctx)]
    assert kinds[-5:] == ["case.step_done", "notice.sent", "payment.recorded", "receivable.paid", "case.closed"]


async def test_a_customer_who_pays_in_part_is_reminded_of_the_rest(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    await life.until(january(8))
    await life.pays(debtor, "1000.00")
    await life.until(january(14))
    notices = (await list_notices(life.ctx, PageRequest())).items
    assert [n.open_amount.amount for n in notices] == [Decimal("1299.00"), Decimal("299.00")]
    assert "299.00" in life.mailbox.mails[1].body
    await life.pays(debtor, "299.00")
    await life.until(january(40))
    assert (await life.case(debt)).state == "closed"
    assert len(life.mailbox.mails) == 2


async def test_a_customer_who_never_pays_climbs_the_whole_ladder_and_is_escalated(life: Life, debt: Receivable) -> None:
    await life.until(january(120))
    assert await life.told(debt) == ["friendly done", "first done", "call done", "firm done", "legal done"]
    assert len(life.mailbox.mails) == 3
    assert len({mail.message_id for mail in life.mailbox.mails}) == 3
    (escalation,) = (await list_escalations(life.ctx, PageRequest())).items
    assert (escalation.level, escalation.raised_at.date()) == ("legal", date(2026, 3, 11))
    (task,) = (await list_tasks(life.ctx, PageRequest())).items
    assert task.title == "Call them"
    case = await life.case(debt)
    assert (case.state, case.next_action_at) == ("escalated", None)
    overdue = await events_of(life.ctx, "receivable.overdue")
    assert [event.occurred_at for event in overdue] == [datetime(2026, 1, 10, 16, 0, tzinfo=UTC)]


async def test_every_step_happens_at_its_hour_where_the_customer_lives(life: Life) -> None:
    berliner = await a_debtor(life.ctx, time_zone="Europe/Berlin")
    debt = await a_receivable(life.ctx, berliner, due_on=date(2026, 3, 27))
    await life.work()
    timeline = await life.timeline(debt)
    # Summer time begins on 29 March: nine in the morning is then an hour earlier in UTC.
    assert [step.due_at.hour for step in timeline.future[:2]] == [8, 7]
    await life.until(date(2026, 3, 31))
    assert [o.due_at for o in (await life.timeline(debt)).past] == [s.due_at for s in timeline.future[:2]]


async def test_three_days_of_outage_send_one_notice(life: Life, debtor: Customer) -> None:
    daily = [email_step(f"day_{n}", n) for n in range(1, 6)]
    await a_plan(life.ctx, name="Daily", steps=daily)
    debt = await a_receivable(life.ctx, debtor)
    await life.until(january(11))
    await life.jump(datetime(2026, 1, 14, 12, 0, tzinfo=UTC))
    assert await life.told(debt) == [
        "day_1 done",
        "day_2 skipped superseded",
        "day_3 skipped superseded",
        "day_4 done",
    ]
    assert len(life.mailbox.mails) == 2
    await life.until(january(20))
    assert (await life.told(debt))[4:] == ["day_5 done"]


async def test_a_receivable_imported_a_hundred_days_late_gets_one_notice_and_no_burst(
    life: Life, debtor: Customer
) -> None:
    await a_plan(life.ctx, name="Without escalation", steps=LADDER[:4])
    old = await a_receivable(life.ctx, debtor, due_on=life.ctx.today() - timedelta(days=100))
    await life.work()
    assert await life.told(old) == [
        "friendly skipped due_date_passed",
        "first skipped superseded",
        "call done",
        "firm done",
    ]
    await life.until(january(30))
    assert len(life.mailbox.mails) == 1
    assert (await life.timeline(old)).future == []


async def test_a_payment_between_queueing_and_sending_prevents_the_mail(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    await life.decide_only(datetime(2026, 1, 7, 1, 0, tzinfo=UTC))
    assert [n.state for n in (await list_notices(life.ctx, PageRequest())).items] == ["queued"]
    await life.pays(debtor, "1299.00")
    await life.work()
    assert life.mailbox.mails == []
    (notice,) = (await list_notices(life.ctx, PageRequest())).items
    assert (notice.state, notice.reason) == ("cancelled", "receivable_paid")
    assert (await life.case(debt)).state == "closed"


async def test_a_part_payment_between_queueing_and_sending_changes_the_mail_but_does_not_lose_it(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    await life.decide_only(datetime(2026, 1, 7, 1, 0, tzinfo=UTC))
    await life.pays(debtor, "299.00")
    await life.work()
    (mail,) = life.mailbox.mails
    assert "1,000.00" in mail.body
    past = (await life.timeline(debt)).past
    assert [(o.step_key, o.number, o.outcome) for o in past] == [("friendly", 1, "done"), ("friendly", 2, "done")]
    assert [n.state for n in (await list_notices(life.ctx, PageRequest())).items] == ["cancelled", "sent"]


async def test_an_address_corrected_before_the_mail_leaves_gets_the_mail(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    await life.decide_only(datetime(2026, 1, 7, 1, 0, tzinfo=UTC))
    (contact,) = (await list_contacts(life.ctx, debtor.id, PageRequest())).items
    await update_contact(life.ctx, contact.id, {"email": "right@lanhai.example"})
    await life.work()
    assert [mail.recipient for mail in life.mailbox.mails] == ["right@lanhai.example"]


async def test_a_notice_whose_outcome_is_unknown_is_not_sent_again_but_asked_about(
    life: Life, debt: Receivable
) -> None:
    life.mailbox.answer = Outcome("unknown", "smtp_timeout", "no answer after DATA")
    await life.until(january(12))
    assert [n.state for n in (await list_notices(life.ctx, PageRequest())).items] == ["unknown"]
    (task,) = (await list_tasks(life.ctx, PageRequest())).items
    assert task.title.startswith("Check with the mail provider")
    life.mailbox.answer = Outcome("accepted", "smtp_250", "ok")
    await life.until(january(14))
    assert await life.told(debt) == ["friendly done", "first done"]
    assert len(life.mailbox.mails) == 1


async def test_one_payment_stops_only_the_receivables_that_it_settles(life: Life, debtor: Customer) -> None:
    first = await a_receivable(life.ctx, debtor, number="A", amount=Money(Decimal(100), "CNY"))
    second = await a_receivable(life.ctx, debtor, number="B", amount=Money(Decimal(100), "CNY"))
    await life.until(january(8))
    await life.pays(debtor, "100.00")
    await life.until(january(14))
    assert [(await get_receivable(life.ctx, r.id)).status for r in (first, second)] == ["paid", "open"]
    assert await life.told(first) == ["friendly done"]
    assert await life.told(second) == ["friendly done", "first done"]
    assert len(life.mailbox.mails) == 3


async def test_a_bounced_payment_brings_the_reminders_back_where_they_were(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    await life.until(january(8))
    await life.pays(debtor, "1299.00")
    await life.until(january(20))
    (payment,) = (await list_payments(life.ctx, PageRequest())).items
    await reverse_payment(life.ctx, payment.id, reason="bounced", reversed_on=january(20))
    await life.work()
    case = await life.case(debt)
    assert (case.state, case.close_reason) == ("active", None)
    assert (await get_receivable(life.ctx, debt.id)).days_overdue == 10
    await life.until(january(80))
    # What fell due while the money seemed to be there is caught up with; the friendly word is not said again.
    assert await life.told(debt) == ["friendly done", "first done", "call done", "firm done", "legal done"]
    assert len(life.mailbox.mails) == 3
