"""A customer contests an amount: what is disputed leaves dunning, the rest goes on, told through every worker of the engine."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.disputes import open_dispute, resolve_dispute
from domain.ledger.model import Receivable
from domain.messaging.notices import list_notices
from tests.factories_dunning import a_debtor, a_plan, a_receivable
from tests.factories_ledger import cny
from tests.scenarios.life import Life


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


async def test_a_disputed_part_is_not_asked_for_and_a_whole_one_stops_the_reminders(
    life: Life, debt: Receivable
) -> None:
    part = await open_dispute(life.ctx, debt.id, amount=cny(299), reason="quality")
    await life.until(date(2026, 1, 8))
    (mail,) = life.mailbox.mails
    assert "1,000.00" in mail.body
    assert "299.00" in mail.body
    (notice,) = (await list_notices(life.ctx, PageRequest())).items
    assert (notice.open_amount, notice.disputed_amount) == (cny(1299), cny(299))
    rest = await open_dispute(life.ctx, debt.id, reason="not_delivered")
    await life.until(date(2026, 1, 21))
    assert await life.told(debt) == ["friendly done", "first held disputed", "call done"]
    await resolve_dispute(life.ctx, rest.id, outcome="rejected")
    await resolve_dispute(life.ctx, part.id, outcome="accepted", issue_credit=True)
    await life.until(date(2026, 1, 26))
    assert (await life.told(debt))[3:] == ["firm done"]
    assert "1,000.00" in life.mailbox.mails[-1].body
    assert "dispute" not in life.mailbox.mails[-1].body


async def test_a_dispute_opened_between_queueing_and_sending_changes_the_mail(life: Life, debt: Receivable) -> None:
    await life.decide_only(datetime(2026, 1, 7, 1, 0, tzinfo=UTC))
    await open_dispute(life.ctx, debt.id, amount=cny(299), reason="price")
    await life.work()
    (mail,) = life.mailbox.mails
    assert "1,000.00" in mail.subject + mail.body
    notices = (await list_notices(life.ctx, PageRequest())).items
    assert [(n.state, n.reason) for n in notices] == [("cancelled", "dispute_changed"), ("sent", None)]


async def test_a_dispute_of_all_of_it_opened_before_sending_prevents_the_mail(life: Life, debt: Receivable) -> None:
    await life.decide_only(datetime(2026, 1, 7, 1, 0, tzinfo=UTC))
    await open_dispute(life.ctx, debt.id, reason="price")
    await life.work()
    assert life.mailbox.mails == []
    assert await life.told(debt) == ["friendly done", "friendly held disputed"]


async def test_a_payment_that_leaves_only_what_is_disputed_stops_the_reminders(
    life: Life, debtor: Customer, debt: Receivable
) -> None:
    await open_dispute(life.ctx, debt.id, amount=cny(299), reason="quality")
    await life.pays(debtor, "1100.00")
    await life.until(date(2026, 1, 14))
    assert await life.told(debt) == ["friendly held disputed", "first held disputed"]
    assert life.mailbox.mails == []
