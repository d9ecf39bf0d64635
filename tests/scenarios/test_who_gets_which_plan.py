"""Which customers are reminded how, told with a moving test clock: a harsher plan for some, silence for others."""

from __future__ import annotations

from datetime import date

from domain.customers.customers import update_customer
from domain.dunning.customer_settings import delete_customer_reminder_settings, put_customer_reminder_settings
from domain.dunning.effective_plans import get_receivable_plan
from domain.dunning.plan_assignments import apply_plan_assignments
from domain.dunning.plans import create_plan, publish_plan
from domain.kernel.context import Context
from tests.factories_assigning import a_rule
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step, escalation_step
from tests.scenarios.life import Life

STANDARD = [
    email_step("friendly", -3, "friendly_reminder"),
    email_step("first", 7),
    email_step("firm", 30, "firm_notice"),
]
HARSH = [email_step("firm", 1, "firm_notice"), email_step("last", 8, "firm_notice"), escalation_step("legal", 15)]


async def test_complaint_11_bad_debtors_get_a_harsher_plan_by_their_grade(ctx: Context) -> None:
    await a_plan(ctx, steps=STANDARD)
    harsh = await a_plan(ctx, name="Harsh", steps=HARSH, is_default=False)
    await a_rule(ctx, {"field": "grade", "op": "in", "value": ["C", "D"]}, harsh, 10)
    life = Life(ctx)
    good = await a_receivable(life.ctx, await a_debtor(life.ctx, grade="A"), number="INV-A")
    bad = await a_receivable(life.ctx, await a_debtor(life.ctx, grade="C"), number="INV-C")
    unknown = await a_receivable(life.ctx, await a_debtor(life.ctx), number="INV-0")
    await life.work()
    await life.until(date(2026, 1, 26))
    assert await life.told(bad) == ["firm done", "last done", "legal done"]
    assert await life.told(good) == await life.told(unknown) == ["friendly done", "first done"]
    assert (await life.case(bad)).state == "escalated"

    # Who turns bad later keeps the plan of what is on its way, and gets the harsher one for what comes next.
    await update_customer(life.ctx, good.customer_id, {"grade": "D"})
    await apply_plan_assignments(life.ctx)
    await life.until(date(2026, 2, 10))
    assert await life.told(good) == ["friendly done", "first done", "firm done"]
    why = await get_receivable_plan(life.ctx, good.id)
    assert (why.winner.plan_name, why.winner.source, why.case_plan_id == why.winner.plan_id) == (
        "Harsh",
        "segment",
        False,
    )


async def test_complaint_11_a_new_plan_is_tried_on_a_share_of_the_customers_before_all_get_it(ctx: Context) -> None:
    await a_plan(ctx, steps=STANDARD)
    trial = await create_plan(ctx, name="Trial", steps=HARSH, rollout_percent=40)
    await publish_plan(ctx, trial.id)
    await a_rule(ctx, {"all": []}, trial, 10)
    life = Life(ctx)
    debts = [await a_receivable(life.ctx, await a_debtor(life.ctx), number=f"INV-{n}") for n in range(12)]
    await life.work()
    await life.until(date(2026, 1, 11))
    tried = [(await life.case(debt)).plan_id == trial.id for debt in debts]
    told = [await life.told(debt) for debt in debts]
    assert told == [["firm done"] if is_tried else ["friendly done"] for is_tried in tried]
    for debt, is_tried in zip(debts, tried, strict=True):
        why = await get_receivable_plan(life.ctx, debt.id)
        assert [(loser.plan_name, loser.reason) for loser in why.losers] == (
            [("Standard", "less_specific")] if is_tried else [("Trial", "outside_rollout")]
        )


async def test_complaint_04_a_partner_is_never_reminded_and_everybody_can_see_why(ctx: Context) -> None:
    await a_plan(ctx, steps=STANDARD)
    quiet = await publish_plan(ctx, (await create_plan(ctx, name="No reminders", does_nothing=True)).id)
    await a_rule(ctx, {"field": "tags", "op": "contains", "value": "partner"}, quiet)
    life = Life(ctx)
    friend = await a_debtor(life.ctx, tags=["partner"])
    partner = await a_receivable(life.ctx, friend, number="INV-P")
    other = await a_receivable(life.ctx, await a_debtor(life.ctx), number="INV-1")
    await life.work()
    await life.until(date(2026, 4, 1))
    assert await life.told(partner) == []
    assert await life.told(other) == ["friendly done", "first done", "firm done"]
    assert len(life.mailbox.mails) == 3
    assert not any("INV-P" in mail.subject + mail.body for mail in life.mailbox.mails)
    why = await get_receivable_plan(life.ctx, partner.id)
    assert (why.winner.does_nothing, why.winner.source, why.case_plan_id) == (True, "segment", quiet.id)
    assert [(loser.plan_name, loser.reason) for loser in why.losers] == [("Standard", "less_specific")]
    await life.pays(friend, "1299")
    await life.work()
    assert (await life.case(partner)).close_reason == "paid"


async def test_complaint_04_one_customer_is_left_alone_at_once_and_taken_up_again(ctx: Context) -> None:
    await a_plan(ctx, steps=STANDARD)
    quiet = await publish_plan(ctx, (await create_plan(ctx, name="No reminders", does_nothing=True)).id)
    life = Life(ctx)
    customer = await a_debtor(life.ctx)
    debt = await a_receivable(life.ctx, customer)
    await life.work()
    await put_customer_reminder_settings(life.ctx, customer.id, plan_id=quiet.id)
    await life.until(date(2026, 1, 20))
    assert (await life.told(debt), life.mailbox.mails) == ([], [])
    await delete_customer_reminder_settings(life.ctx, customer.id)
    await life.work()
    # The friendly word of before the due date makes no sense any more; what has come due since goes out once.
    assert await life.told(debt) == ["friendly skipped due_date_passed", "first done"]
    assert len(life.mailbox.mails) == 1
