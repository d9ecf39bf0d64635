"""Complaint 4: there is no way to stop the reminders of one invoice, or of one customer ("Mahnstopp")."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.collections.holds import list_holds, place_hold, release_hold
from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from tests.factories_dunning import a_debtor, a_fee, a_plan, a_receivable, charge_step, email_step, escalation_step
from tests.scenarios.life import Life


@pytest.fixture
async def life(ctx: Context) -> Life:
    steps = [
        email_step("friendly", -3, "friendly_reminder"),
        email_step("first", 3),
        charge_step("fee", 5, await a_fee(ctx)),
        email_step("firm", 15, "firm_notice"),
        escalation_step("legal", 60),
    ]
    await a_plan(ctx, steps=steps)
    return Life(ctx)


@pytest.fixture
async def debtor(life: Life) -> Customer:
    return await a_debtor(life.ctx)


async def a_debt(life: Life, debtor: Customer, number: str) -> Receivable:
    """1,299 CNY due on 10 January."""
    receivable = await a_receivable(life.ctx, debtor, number=number)
    await life.work()
    return receivable


async def test_complaint_04_one_invoice_is_on_hold_and_the_others_are_reminded_of(life: Life, debtor: Customer) -> None:
    held, other = await a_debt(life, debtor, "INV-1"), await a_debt(life, debtor, "INV-2")
    await place_hold(life.ctx, receivable_id=held.id, reason="negotiation", until_on=date(2026, 1, 14))
    await life.until(date(2026, 1, 14))
    assert await life.told(held) == []
    assert await life.told(other) == ["friendly done", "first done"]
    waiting = await life.case(held)
    assert (waiting.state, waiting.deferred_reasons) == ("active", ["on_hold"])
    assert waiting.deferred_until == datetime(2026, 1, 14, 16, 0, tzinfo=UTC)

    # Its last day is over: what is still wanted comes, once; the friendly word before the due date is not.
    await life.until(date(2026, 1, 16))
    assert await life.told(held) == ["friendly skipped due_date_passed", "first done", "fee done"]
    assert sum("INV-1" in subject for subject in life.subjects()) == 1
    (hold,) = (await list_holds(life.ctx, PageRequest())).items
    assert hold.state == "expired"


async def test_complaint_04_a_customer_on_hold_gets_neither_reminder_nor_fee_nor_lawyer_until_released(
    life: Life, debtor: Customer
) -> None:
    first, second = await a_debt(life, debtor, "INV-1"), await a_debt(life, debtor, "INV-2")
    stranger = await a_debt(life, await a_debtor(life.ctx), "INV-3")
    hold = await place_hold(life.ctx, customer_id=debtor.id, reason="bankruptcy")
    await life.until(date(2026, 4, 30))
    assert await life.told(first) == await life.told(second) == []
    assert not [subject for subject in life.subjects() if "INV-3" not in subject]
    assert await life.told(stranger) == [
        "friendly done",
        "first done",
        "fee done",
        "firm done",
        "legal done",
    ]
    third = await a_debt(life, debtor, "INV-4")  # what is new is on hold as well
    await life.until(date(2026, 5, 1))
    assert await life.told(third) == []

    await release_hold(life.ctx, hold.id)
    await life.work()
    assert await life.told(first) == [
        "friendly skipped due_date_passed",
        "first skipped superseded",
        "fee done",
        "firm done",
        "legal done",
    ]


async def test_complaint_04_a_hold_stops_what_is_queued_already(life: Life, debtor: Customer) -> None:
    debt = await a_debt(life, debtor, "INV-1")
    await life.decide_only(datetime(2026, 1, 7, 1, 0, tzinfo=UTC))
    hold = await place_hold(life.ctx, receivable_id=debt.id, reason="complaint")
    await life.work()
    assert life.mailbox.mails == []
    await life.until(date(2026, 1, 8))
    assert life.mailbox.mails == []
    await release_hold(life.ctx, hold.id)
    await life.work()
    assert len(life.mailbox.mails) == 1
    assert await life.told(debt) == ["friendly done", "friendly done"]


async def test_complaint_04_paying_ends_it_and_a_hold_does_not_bring_it_back(life: Life, debtor: Customer) -> None:
    debt = await a_debt(life, debtor, "INV-1")
    hold = await place_hold(life.ctx, customer_id=debtor.id, reason="negotiation")
    await life.until(date(2026, 1, 20))
    await life.pays(debtor, "1299.00")
    await life.until(date(2026, 1, 21))
    assert (await life.case(debt)).state == "closed"
    await release_hold(life.ctx, hold.id)
    await life.until(date(2026, 2, 20))
    assert life.mailbox.mails == []
