"""A formal letter gives the customer a new day, and the ladder goes on from that day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.customers.contacts import update_contact
from domain.dunning.cases import case_timeline
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.messaging.notices import list_notices
from domain.messaging.receipts import record_receipts
from tests.factories import a_contact, a_customer
from tests.factories_dunning import a_plan, email_step, escalation_step
from tests.factories_ledger import a_receivable
from tests.factories_receipts import a_receipt
from tests.scenarios.life import Life

LETTER = {
    "key": "letter",
    "offset_days": 10,
    "time_of_day": "09:00",
    "action": {
        "type": "notice",
        "channels": ["email"],
        "template": "firm_notice",
        "letter": True,
        "new_due_days": 14,
    },
}
LAST = {**email_step("last", 1), "relative_to": "new_due_date"}
LEGAL = {**escalation_step("legal", 8), "relative_to": "new_due_date"}


async def a_life(ctx: Context, *steps: dict[str, Any]) -> tuple[Life, Receivable]:
    """A debt of 10 January, so that the letter goes out on 20 January and gives until 3 February."""
    life = Life(ctx)
    await a_plan(ctx, steps=list(steps))
    customer = await a_customer(ctx)
    await a_contact(ctx, customer)
    return life, await a_receivable(ctx, customer, due_on=date(2026, 1, 10))


async def days_ahead(life: Life, receivable: Receivable) -> dict[str, str]:
    """The steps to come by key, as days of Shanghai; those without a day say why."""
    timeline = await case_timeline(life.ctx, (await life.case(receivable)).id)
    told = {one.step_key: one.due_at.date().isoformat() for one in timeline.future}
    return {**told, **{one.step_key: one.reason for one in timeline.waiting}}


async def test_the_next_step_counts_from_the_day_that_the_letter_gave(ctx: Context) -> None:
    life, receivable = await a_life(ctx, email_step("first", 3), LETTER, LAST, LEGAL)
    await life.until(date(2026, 1, 14))
    assert await days_ahead(life, receivable) == {
        "letter": "2026-01-20",
        "last": "2026-02-04",
        "legal": "2026-02-11",
    }
    await life.until(date(2026, 1, 21))
    notice = (await list_notices(life.ctx, PageRequest())).items[-1]
    assert (notice.new_due_on, notice.state) == (date(2026, 2, 3), "sent")
    assert notice.letter is not None
    await life.until(date(2026, 2, 3))
    assert await life.told(receivable) == ["first done", "letter done"]
    await life.until(date(2026, 2, 4), 10)
    assert await life.told(receivable) == ["first done", "letter done", "last done"]
    await life.until(date(2026, 2, 12))
    assert (await life.case(receivable)).state == "escalated"


async def test_a_letter_that_came_back_gave_no_day_and_the_next_one_does(ctx: Context) -> None:
    life, receivable = await a_life(ctx, LETTER, LAST)
    await life.until(date(2026, 1, 25))
    first = (await list_notices(life.ctx, PageRequest())).items[-1]
    assert first.contact_id is not None
    await record_receipts(life.ctx, [a_receipt(first, "bounced", "5.1.1", life.ctx.now())], account_id=None)
    await life.work()
    assert await life.told(receivable) == ["letter done", "letter held address_invalid"]
    assert await days_ahead(life, receivable) == {"last": "no_new_due_date"}
    await life.until(date(2026, 3, 1))
    assert await life.told(receivable) == ["letter done", "letter held address_invalid"]


async def test_a_letter_that_is_written_again_moves_the_day(ctx: Context) -> None:
    life, receivable = await a_life(ctx, LETTER, LAST)
    await life.decide_only(life.ctx.now().replace(day=20))
    contact_id = (await list_notices(life.ctx, PageRequest())).items[-1].contact_id
    assert contact_id is not None
    await update_contact(life.ctx, contact_id, {"email": "new@lanhai.example"})
    assert await days_ahead(life, receivable) == {"last": "2026-02-04"}
    await life.jump(datetime(2026, 1, 22, 2, tzinfo=UTC))
    assert await life.told(receivable) == ["letter done", "letter done"]
    assert await days_ahead(life, receivable) == {"last": "2026-02-06"}
    await life.until(date(2026, 2, 7))
    assert (await life.told(receivable))[-1] == "last done"
