"""Complaint 5: the customer has promised to pay on a day, and is chased all the same. Invoiced, feedback 362217.

Told by a hold until the promised day, with the reason `negotiation` and the promise as its note. A promise of its own (amount and day,
kept or broken by what comes in) will hold cases the same way: it gives the hold its last day, and releases it when it is kept.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.collections.holds import list_holds, place_hold, release_hold, update_hold
from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from tests.factories_dunning import (
    a_debtor,
    a_fee,
    a_plan,
    a_receivable,
    charge_step,
    email_step,
    escalation_step,
    events_of,
)
from tests.scenarios.life import Life

PROMISED_ON = date(2026, 1, 30)


@pytest.fixture
async def life(ctx: Context) -> Life:
    """A reminder, a fee and a threat, each a week after the other."""
    steps = [
        email_step("first", 3),
        charge_step("fee", 10, await a_fee(ctx)),
        email_step("firm", 17, "firm_notice"),
        escalation_step("legal", 24),
    ]
    await a_plan(ctx, steps=steps)
    return Life(ctx)


async def a_promise(life: Life) -> tuple[Customer, Receivable]:
    """1,299 CNY, reminded of once; then the customer calls and says that it will be paid at the end of the month."""
    customer = await a_debtor(life.ctx)
    debt = await a_receivable(life.ctx, customer)
    await life.until(date(2026, 1, 15))
    assert await life.told(debt) == ["first done"]
    await place_hold(
        life.ctx, receivable_id=debt.id, reason="negotiation", note="Li Na: paid by 30 January", until_on=PROMISED_ON
    )
    return customer, debt


async def test_complaint_05_who_has_promised_is_left_alone_until_the_day_and_a_kept_promise_ends_it(life: Life) -> None:
    customer, debt = await a_promise(life)
    await life.until(date(2026, 1, 29))
    # Fee and threat would have come on the 20th and the 27th.
    assert await life.told(debt) == ["first done"]
    waiting = await life.case(debt)
    assert (waiting.deferred_reasons, waiting.deferred_until) == (["on_hold"], datetime(2026, 1, 30, 16, 0, tzinfo=UTC))
    # What is still to come can be seen meanwhile.
    assert [step.step_key for step in (await life.timeline(debt)).future] == ["fee", "firm", "legal"]
    await life.pays(customer, "1299.00")
    await life.until(date(2026, 3, 1))
    assert (await life.told(debt), (await life.case(debt)).state) == (["first done"], "closed")
    assert len(life.mailbox.mails) == 1


async def test_complaint_05_a_broken_promise_is_noticed_by_itself_and_the_ladder_goes_on_where_it_was(
    life: Life,
) -> None:
    _, debt = await a_promise(life)
    await life.until(PROMISED_ON)
    assert await life.told(debt) == ["first done"]
    await life.until(date(2026, 1, 31))
    assert await life.told(debt) == ["first done", "fee done", "firm done"]
    (hold,) = (await list_holds(life.ctx, PageRequest())).items
    assert (hold.state, hold.note) == ("expired", "Li Na: paid by 30 January")
    # Who listens to webhooks hears at once that nobody paid.
    assert [event.object_id for event in await events_of(life.ctx, "hold.expired")] == [hold.id]
    await life.until(date(2026, 2, 10))
    assert (await life.told(debt))[-1] == "legal done"


async def test_complaint_05_a_promise_can_be_moved_and_taken_back(life: Life) -> None:
    _, debt = await a_promise(life)
    (hold,) = (await list_holds(life.ctx, PageRequest())).items
    await life.until(date(2026, 1, 28))
    await update_hold(life.ctx, hold.id, {"until_on": date(2026, 2, 10)})
    await life.until(date(2026, 2, 9))
    assert await life.told(debt) == ["first done"]
    await release_hold(life.ctx, hold.id)
    await life.work()
    assert (await life.told(debt))[:2] == ["first done", "fee done"]


async def test_complaint_05_a_part_that_was_paid_does_not_wake_the_case_before_the_day(life: Life) -> None:
    customer, debt = await a_promise(life)
    await life.until(date(2026, 1, 22))
    await life.pays(customer, "800.00")
    await life.until(date(2026, 1, 29))
    assert await life.told(debt) == ["first done"]
    await life.until(date(2026, 1, 31))
    assert "539.00" in life.mailbox.mails[-1].body  # the rest, and the fee that waited as well
