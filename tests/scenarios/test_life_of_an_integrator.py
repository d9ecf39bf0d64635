"""A CRM that sends reminders by itself: it takes them, asks once more before sending, and tells what became of each."""

from __future__ import annotations

from datetime import date

from domain.dunning.horizon import is_idle
from domain.kernel.context import Context
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.intents import acknowledge_notice, check_notice, claim_notices
from domain.messaging.notices import get_notice
from domain.messaging.receipts import report_receipts
from tests.factories import a_contact, a_customer
from tests.factories_dunning import a_plan, email_step
from tests.factories_ledger import a_receivable
from tests.factories_receipts import a_receipt
from tests.scenarios.life import Life


async def test_a_crm_sends_by_itself_and_the_ladder_goes_on(ctx: Context) -> None:
    life = Life(ctx)
    await create_channel_account(ctx, channel="email", provider="integrator", name="The CRM's own mail")
    await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 10), email_step("third", 20)])
    customer = await a_customer(ctx)
    await a_contact(ctx, customer, email="first@lanhai.example")
    await a_contact(ctx, customer, email="second@lanhai.example", role="other")
    receivable = await a_receivable(ctx, customer, due_on=date(2026, 1, 10))

    # The notice waits for the CRM; nobody else sends it, and the clock does not wait for it.
    await life.until(date(2026, 1, 13))
    assert life.mailbox.mails == []
    assert await is_idle(life.ctx)
    (intent,) = (await claim_notices(life.ctx)).intents
    assert intent.notice.recipient == "first@lanhai.example"
    assert intent.notice.variables["days_overdue"] == "3"
    sent = await acknowledge_notice(life.ctx, intent.notice.id, lease_token=intent.lease_token, outcome="sent")
    assert sent.state == "sent"

    # It came back: the address is not written to again, the next contact is.
    await report_receipts(life.ctx, intent.notice.id, [a_receipt(None, "bounced", "5.1.1", life.ctx.now())])
    await life.work()
    (again,) = (await claim_notices(life.ctx)).intents
    assert (again.notice.recipient, again.notice.step_key) == ("second@lanhai.example", "first")
    await acknowledge_notice(life.ctx, again.notice.id, lease_token=again.lease_token, outcome="sent")
    await report_receipts(life.ctx, again.notice.id, [a_receipt(None, "read", at=life.ctx.now())])
    assert (await get_notice(life.ctx, again.notice.id)).state == "read"

    # A part is paid while the CRM has the next one in hand: it asks, does not send, and gets a true one instead.
    await life.until(date(2026, 1, 20))
    (stale,) = (await claim_notices(life.ctx)).intents
    await life.pays(customer, "400.00")
    told = await check_notice(life.ctx, stale.notice.id, lease_token=stale.lease_token)
    assert (told.is_wanted, told.reason) == (False, "amount_changed")
    await life.work()
    (true,) = (await claim_notices(life.ctx)).intents
    assert (true.notice.step_key, str(true.notice.open_amount.amount)) == ("second", "600.00")
    await acknowledge_notice(life.ctx, true.notice.id, lease_token=true.lease_token, outcome="sent")

    # All is paid before the last one is taken: it is never handed out.
    await life.until(date(2026, 1, 30))
    await life.pays(customer, "600.00")
    await life.work()
    assert (await claim_notices(life.ctx)).intents == []
    assert (await life.case(receivable)).close_reason == "paid"
    assert await life.told(receivable) == [
        "first done",
        "first done bounced",
        "second done",
        "second done",
        "third done",
    ]
