"""Complaint 8: reminders on weekends and holidays, at night, in the wrong time zone; and a weekend that burns a rung of the ladder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.messaging.contact_policies import put_contact_policy
from domain.messaging.contact_policy_model import WEEKDAYS, ContactHours
from domain.messaging.notices import list_notices
from domain.messaging.rules.contact_policy_fields import a_cap
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step
from tests.scenarios.life import Life

OFFICE = ContactHours(weekdays=list(WEEKDAYS), from_time="09:00", to_time="18:00")


async def a_life(ctx: Context, *offsets: int, **rules: Any) -> Life:
    """Reminders so many days after the due date at 09:00 where the customer lives, under a contact policy."""
    await a_plan(ctx, steps=[email_step(f"day_{offset}", offset) for offset in offsets])
    await put_contact_policy(ctx, rules)
    return Life(ctx)


async def a_debt(life: Life, debtor: Customer, due_on: date, number: str = "INV-1") -> Receivable:
    receivable = await a_receivable(life.ctx, debtor, due_on=due_on, issued_on=date(2026, 1, 2), number=number)
    await life.work()
    return receivable


async def sent_at(life: Life) -> list[datetime]:
    notices = (await list_notices(life.ctx, PageRequest(limit=100), state="sent")).items
    return [notice.sent_at for notice in notices if notice.sent_at]


async def test_complaint_08_nothing_is_sent_on_a_weekend_and_the_weekend_burns_no_rung(ctx: Context) -> None:
    life = await a_life(ctx, 0, 2, 7, business_days_only=True, contact_hours=[OFFICE])
    debt = await a_debt(life, await a_debtor(ctx), date(2026, 1, 10))  # a Saturday
    await life.until(date(2026, 1, 11))
    assert life.mailbox.mails == []
    waiting = await life.case(debt)
    assert (waiting.deferred_reasons, waiting.deferred_until) == (
        ["business_days_only"],
        datetime(2026, 1, 12, 1, 0, tzinfo=UTC),
    )
    await life.until(date(2026, 1, 20))
    # Monday is the day of the second one as well, which comes on Tuesday instead; Saturday the 17th becomes Monday the 19th.
    assert await life.told(debt) == [
        "day_0 done business_days_only",
        "day_2 done one_rung_a_day",
        "day_7 done business_days_only",
    ]
    assert await sent_at(life) == [
        datetime(2026, 1, 12, 1, 0, tzinfo=UTC),
        datetime(2026, 1, 13, 1, 0, tzinfo=UTC),
        datetime(2026, 1, 19, 1, 0, tzinfo=UTC),
    ]


async def test_complaint_08_a_saturday_rung_comes_on_monday_and_the_next_at_its_own_time(ctx: Context) -> None:
    life = await a_life(ctx, 0, 4, business_days_only=True)
    debt = await a_debt(life, await a_debtor(ctx), date(2026, 1, 10))
    await life.until(date(2026, 1, 20))
    assert await life.told(debt) == ["day_0 done business_days_only", "day_4 done"]
    # Without hours, Monday begins at midnight.
    assert await sent_at(life) == [
        datetime(2026, 1, 11, 16, 0, tzinfo=UTC),
        datetime(2026, 1, 14, 1, 0, tzinfo=UTC),
    ]


async def test_complaint_08_chinese_new_year_is_free_and_a_make_up_saturday_is_worked(ctx: Context) -> None:
    life = await a_life(ctx, 0, business_days_only=True, contact_hours=[OFFICE])
    debtor = await a_debtor(ctx, country="CN")
    made_up = await a_debt(life, debtor, date(2026, 2, 14), "INV-1")  # the Saturday before the week off is worked
    free = await a_debt(life, debtor, date(2026, 2, 17), "INV-2")  # New Year's day
    await life.until(date(2026, 2, 23))
    assert (await life.told(made_up), await life.told(free)) == (["day_0 done"], [])
    await life.until(date(2026, 2, 24))
    assert await sent_at(life) == [
        datetime(2026, 2, 14, 1, 0, tzinfo=UTC),
        datetime(2026, 2, 24, 1, 0, tzinfo=UTC),
    ]


async def test_complaint_08_hours_are_the_customers_not_the_servers(ctx: Context) -> None:
    afternoon = ContactHours(weekdays=list(WEEKDAYS), from_time="14:00", to_time="16:00")
    life = await a_life(ctx, 0, contact_hours=[afternoon])
    for n, zone in enumerate(("Asia/Shanghai", "Europe/Berlin", "America/New_York")):
        await a_debt(life, await a_debtor(ctx, time_zone=zone), date(2026, 1, 12), f"INV-{n}")
    await life.until(date(2026, 1, 14))
    assert await sent_at(life) == [
        datetime(2026, 1, 12, 6, 0, tzinfo=UTC),
        datetime(2026, 1, 12, 13, 0, tzinfo=UTC),
        datetime(2026, 1, 12, 19, 0, tzinfo=UTC),
    ]


async def test_complaint_08_after_an_outage_over_night_mails_wait_for_the_morning(ctx: Context) -> None:
    life = await a_life(ctx, 0, contact_hours=[OFFICE])
    await a_debt(life, await a_debtor(ctx), date(2026, 1, 12))
    await life.decide_only(datetime(2026, 1, 12, 1, 0, tzinfo=UTC))
    await life.jump(datetime(2026, 1, 12, 15, 0, tzinfo=UTC))  # the sender is back at 23:00
    assert life.mailbox.mails == []
    await life.until(date(2026, 1, 13))
    assert await sent_at(life) == [datetime(2026, 1, 13, 1, 0, tzinfo=UTC)]


async def test_complaint_08_many_invoices_do_not_mean_many_mails_in_a_week(ctx: Context) -> None:
    life = await a_life(ctx, 0, contact_hours=[OFFICE], caps=[a_cap(per="customer", most=2, days=7)])
    debtor = await a_debtor(ctx)
    for n in range(5):
        await a_debt(life, debtor, date(2026, 1, 12), f"INV-{n}")
    await life.until(date(2026, 2, 10))
    days = [instant.day for instant in await sent_at(life)]
    assert days == [12, 12, 19, 19, 26]
