"""Complaint 9: the ladder goes wrong when the oldest invoice is paid. Kill Bill #2297, OCA #460; told with a moving test clock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.dunning.cases import list_case_receivables
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import AllocationWish, Receivable
from domain.ledger.payments import record_payment
from domain.ledger.rules.payment_terms import DueRule, PaymentTerms, TermPart
from domain.messaging.notices import list_notices
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step, escalation_step
from tests.scenarios.life import Life

# The states of the issue: days since the earliest unpaid invoice.
KILL_BILL = [
    email_step("warning", 5, "overdue_notice"),
    email_step("blocked", 7, "firm_notice"),
    email_step("cancellation", 11, "final_notice"),
]
LADDER = [
    email_step("first", 3),
    email_step("second", 15, "firm_notice"),
    email_step("third", 30, "final_notice"),
    escalation_step("legal", 60),
]
ON_RECEIPT = PaymentTerms(parts=(TermPart(due=DueRule(days=10)),), anchor="received_on")


async def an_account(ctx: Context, anchor: str = "oldest_open", **overrides: object) -> Life:
    """A tenant whose plan follows the oldest open invoice of each customer."""
    await a_plan(ctx, **{"steps": LADDER, "options": {"anchor": anchor}, **overrides})
    return Life(ctx)


async def rungs(life: Life, receivable: Receivable) -> list[tuple[str, str, str]]:
    """Each step of the account so far: its key, its outcome, and the receivable that it was about."""
    past = (await life.timeline(receivable)).past
    return [(o.step_key, " ".join([o.outcome, *o.reasons]), o.anchor_receivable_id or "") for o in past]


async def test_complaint_09_kill_bill_2297_the_warning_is_entered_although_the_invoice_that_led_to_it_was_paid(
    ctx: Context,
) -> None:
    life = await an_account(ctx, steps=KILL_BILL)
    customer = await a_debtor(life.ctx)
    first = await a_receivable(
        life.ctx, customer, number="I-1", amount=Money(Decimal(100), "CNY"), due_on=date(2026, 1, 10)
    )
    second = await a_receivable(
        life.ctx, customer, number="I-2", amount=Money(Decimal(100), "CNY"), due_on=date(2026, 1, 12)
    )
    await life.until(date(2026, 1, 14))
    await life.pays(customer, "100")
    await life.until(date(2026, 1, 16))
    assert await rungs(life, first) == []
    await life.until(date(2026, 1, 18))
    assert await rungs(life, second) == [("warning", "done", second.id)]
    await life.until(date(2026, 1, 30))
    assert [key for key, _, _ in await rungs(life, second)] == ["warning", "blocked", "cancellation"]


async def test_complaint_09_after_a_payment_the_ladder_goes_on_at_most_one_rung_further_and_each_at_its_distance(
    ctx: Context,
) -> None:
    life = await an_account(ctx)
    customer = await a_debtor(life.ctx)
    old = await a_receivable(
        life.ctx, customer, number="OLD", amount=Money(Decimal(100), "CNY"), due_on=date(2026, 1, 10)
    )
    await life.until(date(2026, 1, 14))
    # What comes later is much older: it leads now, and its age would be the third rung's.
    older = await a_receivable(
        life.ctx, customer, number="OLDER", amount=Money(Decimal(200), "CNY"), due_on=date(2025, 12, 10)
    )
    await life.work()
    await life.until(date(2026, 1, 25))
    assert await rungs(life, old) == [("first", "done", old.id), ("first", "done", older.id)]
    await life.until(date(2026, 1, 26))
    assert (await rungs(life, old))[2:] == [("second", "done", older.id)]
    await life.until(date(2026, 2, 9))
    assert len(await rungs(life, old)) == 3
    await life.until(date(2026, 2, 11))
    assert (await rungs(life, old))[3:] == [("third", "done", older.id)]


async def test_complaint_09_paying_the_oldest_in_part_changes_the_amount_and_not_the_rung(ctx: Context) -> None:
    life = await an_account(ctx)
    customer = await a_debtor(life.ctx)
    debt = await a_receivable(life.ctx, customer, amount=Money(Decimal(1000), "CNY"))
    await life.until(date(2026, 1, 14))
    await life.pays(customer, "400")
    await life.until(date(2026, 3, 12))
    assert await rungs(life, debt) == [(key, "done", debt.id) for key in ("first", "second", "third", "legal")]
    assert [notice.open_amount.amount for notice in (await list_notices(life.ctx, PageRequest())).items] == [
        1000,
        600,
        600,
    ]


async def test_complaint_09_oca_460_reminding_the_oldest_does_not_hide_the_rest(ctx: Context) -> None:
    life = await an_account(ctx)
    customer = await a_debtor(life.ctx)
    first = await a_receivable(
        life.ctx, customer, number="I-1", amount=Money(Decimal(100), "CNY"), due_on=date(2026, 1, 10)
    )
    rest = await a_receivable(
        life.ctx, customer, number="I-2", amount=Money(Decimal(500), "CNY"), due_on=date(2026, 1, 12)
    )
    await life.until(date(2026, 1, 26))
    assert await rungs(life, first) == [("first", "done", first.id), ("second", "done", first.id)]
    await life.pays(customer, "100")
    await life.work()
    # Nobody had been told of it: its rung is said at once, once, and the ladder goes on by its own age.
    assert (await rungs(life, rest))[2:] == [("first", "done", rest.id)]
    await life.until(date(2026, 2, 20))
    assert (await rungs(life, rest))[3:] == [("second", "done", rest.id), ("third", "done", rest.id)]


async def test_complaint_09_a_balance_names_the_rest_from_the_beginning_and_says_nothing_twice(ctx: Context) -> None:
    life = await an_account(ctx, "balance")
    customer = await a_debtor(life.ctx)
    first = await a_receivable(
        life.ctx, customer, number="I-1", amount=Money(Decimal(100), "CNY"), due_on=date(2026, 1, 10)
    )
    rest = await a_receivable(
        life.ctx, customer, number="I-2", amount=Money(Decimal(500), "CNY"), due_on=date(2026, 1, 12)
    )
    later = await a_receivable(
        life.ctx, customer, number="I-3", amount=Money(Decimal(70), "CNY"), due_on=date(2026, 4, 1)
    )
    await life.until(date(2026, 1, 14))
    (notice,) = (await list_notices(life.ctx, PageRequest())).items
    assert (notice.open_amount, notice.state) == (Money(Decimal(600), "CNY"), "sent")
    named = {one.receivable_id: one.open_amount for one in notice.receivables}
    assert named == {first.id: first.amount, rest.id: rest.amount}
    assert notice in (await list_notices(life.ctx, PageRequest(), receivable_id=rest.id)).items
    assert (await list_notices(life.ctx, PageRequest(), receivable_id=later.id)).items == []
    assert all(text in life.mailbox.mails[0].body for text in ("I-1", "I-2", "500"))
    assert "I-3" not in life.mailbox.mails[0].body
    await life.pays(customer, "100")
    await life.until(date(2026, 1, 26))
    assert await rungs(life, rest) == [("first", "done", first.id)]
    await life.until(date(2026, 1, 28))
    assert (await rungs(life, rest))[1:] == [("second", "done", rest.id)]


async def test_complaint_09_what_has_no_due_date_yet_does_not_lead_but_waits(ctx: Context) -> None:
    life = await an_account(ctx)
    customer = await a_debtor(life.ctx)
    issued = {"issued_on": date(2026, 1, 1), "due_on": None, "payment_terms": ON_RECEIPT}
    undelivered = await a_receivable(life.ctx, customer, number="I-1", **issued)
    debt = await a_receivable(
        life.ctx, customer, number="I-2", amount=Money(Decimal(50), "CNY"), due_on=date(2026, 1, 20)
    )
    await life.until(date(2026, 1, 24))
    assert await rungs(life, debt) == [("first", "done", debt.id)]
    assert (await life.case(undelivered)).id == (await life.case(debt)).id
    await record_payment(
        life.ctx,
        customer_id=customer.id,
        amount=debt.amount,
        received_on=life.ctx.today(),
        allocations=[AllocationWish(receivable_id=debt.id)],
    )
    await life.until(date(2026, 3, 1))
    assert ((await life.case(debt)).state, (await life.case(debt)).deferred_reasons) == (
        "active",
        ["due_date_provisional"],
    )
    assert len(await rungs(life, debt)) == 1


async def test_complaint_09_an_account_that_owes_nothing_closes_and_begins_anew_with_the_next_debt(
    ctx: Context,
) -> None:
    life = await an_account(ctx)
    customer = await a_debtor(life.ctx)
    first = await a_receivable(life.ctx, customer, number="I-1", amount=Money(Decimal(100), "CNY"))
    await life.until(date(2026, 1, 26))
    await life.pays(customer, "100")
    await life.work()
    closed = await life.case(first)
    assert (closed.state, closed.close_reason, closed.receivable_id, closed.currency) == ("closed", "paid", None, "CNY")
    second = await a_receivable(
        life.ctx, customer, number="I-2", amount=Money(Decimal(50), "CNY"), due_on=date(2026, 2, 10)
    )
    await life.work()
    again = await life.case(second)
    assert (again.id, again.state) == (closed.id, "active")
    await life.until(date(2026, 2, 26))
    assert (await rungs(life, second))[2:] == [("first", "done", second.id), ("second", "done", second.id)]
    members = (await list_case_receivables(life.ctx, again.id, PageRequest())).items
    assert {one.receivable_id for one in members} == {first.id, second.id}


async def test_complaint_09_an_escalation_holds_until_its_debt_is_settled_and_the_rest_goes_on(ctx: Context) -> None:
    life = await an_account(ctx)
    customer = await a_debtor(life.ctx)
    first = await a_receivable(
        life.ctx, customer, number="I-1", amount=Money(Decimal(100), "CNY"), due_on=date(2026, 1, 10)
    )
    rest = await a_receivable(
        life.ctx, customer, number="I-2", amount=Money(Decimal(500), "CNY"), due_on=date(2026, 3, 5)
    )
    await life.until(date(2026, 3, 20))
    assert (await life.case(first)).state == "escalated"
    assert [key for key, _, about in await rungs(life, first) if about == rest.id] == []
    await life.pays(customer, "100")
    await life.until(date(2026, 3, 21))
    assert (await life.case(rest)).state == "active"
    assert (await rungs(life, rest))[-1] == ("second", "done", rest.id)
