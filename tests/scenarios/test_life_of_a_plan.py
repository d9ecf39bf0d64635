"""Plans that wait, ask and branch, told with a moving test clock; and what users of other systems complain about in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.collections.tasks import list_tasks
from domain.customers.customers import update_customer
from domain.dunning.approvals import approve_step, list_approvals
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step, escalation_step, task_step
from tests.scenarios.life import Life

WINDOW = {"from": "09:00", "to": "17:30"}


def when(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def inside(step: dict[str, Any]) -> dict[str, Any]:
    """The step in working hours instead of at a time of day."""
    return {**{name: value for name, value in step.items() if name != "time_of_day"}, "window": WINDOW}


async def test_l16_more_than_15_days_late_and_grade_c_a_second_mail_and_a_task_for_the_sales_manager(
    ctx: Context,
) -> None:
    rule = {"all": [when("days_overdue", "gt", 15), when("grade", "eq", "C")]}
    manager = {"type": "task", "title": "See the customer", "role": "sales_manager"}
    await a_plan(
        ctx,
        steps=[
            email_step("first", 3),
            {**email_step("second", 16, "firm_notice"), "condition": rule},
            {**task_step("manager", 16), "action": manager, "condition": rule},
        ],
    )
    life = Life(ctx)
    bad, good = [await a_debtor(ctx, name=name) for name in ("Bad", "Good")]
    await update_customer(ctx, bad.id, {"grade": "C"})
    debts = [await a_receivable(ctx, owing, number=f"INV-{owing.name}") for owing in (bad, good)]
    await life.until(date(2026, 1, 25))
    assert [await life.told(debt) for debt in debts] == [["first done"], ["first done"]]
    await life.until(date(2026, 1, 26))
    assert await life.told(debts[0]) == ["first done", "second done", "manager done"]
    assert await life.told(debts[1]) == [
        "first done",
        "second skipped condition_not_met",
        "manager skipped condition_not_met",
    ]
    (task,) = (await list_tasks(life.ctx, PageRequest())).items
    assert (task.customer_id, task.role) == (bad.id, "sales_manager")


async def test_l17_a_manual_gate_waits_for_a_person_and_for_nothing_else(ctx: Context) -> None:
    final = {**email_step("final", 10, "firm_notice"), "requires_approval": True}
    after = {**escalation_step("legal", 7), "relative_to": "previous_step"}
    await a_plan(ctx, steps=[email_step("first", 3), final, after])
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await life.until(date(2026, 3, 1))
    waiting = await life.case(debt)
    assert (await life.told(debt), waiting.next_action_at, waiting.deferred_reasons) == (
        ["first done"],
        None,
        ["awaiting_approval"],
    )
    (approval,) = (await list_approvals(life.ctx, PageRequest(), state="open")).items
    await approve_step(life.ctx, approval.id)
    await life.work()
    assert await life.told(debt) == ["first done", "final done"]
    assert len(life.mailbox.mails) == 2
    await life.until(date(2026, 3, 7))
    assert (await life.case(debt)).state == "active"
    await life.until(date(2026, 3, 9))
    assert (await life.case(debt)).state == "escalated"


async def test_a_ladder_that_asks_what_became_of_the_last_notice(ctx: Context) -> None:
    arrived = {"when": when("last_notice_state", "eq", "sent"), "go_to": "gentle"}
    steps = [email_step("first", 3), {**task_step("look", 5), "branches": [arrived]}]
    steps += [task_step("find_out", 6), email_step("gentle", 8)]
    await a_plan(ctx, steps=steps)
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await life.until(date(2026, 1, 20))
    assert await life.told(debt) == ["first done", "look done", "find_out skipped branched_over", "gentle done"]


async def test_what_the_timeline_tells_beforehand_is_what_happens(ctx: Context) -> None:
    stop = {"when": when("notices_sent", "gte", 2), "stop": True}
    steps = [
        email_step("hello", 5) | {"relative_to": "issue_date"},
        inside(email_step("first", 3)),
        {**email_step("second", 7, "firm_notice"), "relative_to": "previous_step"},
        {**task_step("call", 2), "relative_to": "month_end", "branches": [stop]},
        email_step("never", 60),
    ]
    await a_plan(ctx, steps=steps)
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await life.work()
    before = await life.timeline(debt)
    expected = [" ".join([one.step_key, one.outcome, *one.reasons]) for one in before.future]
    await life.until(date(2026, 6, 1))
    after = await life.timeline(debt)
    assert await life.told(debt) == [*[" ".join([o.step_key, o.outcome, *o.reasons]) for o in before.past], *expected]
    assert [o.decided_at for o in after.past[len(before.past) :]] == [one.due_at for one in before.future]
    assert (after.case.state, after.case.close_reason) == ("closed", "stopped")
    assert expected[-1] == "never skipped stopped"


async def test_complaint_01_an_outage_of_three_days_sends_one_notice_and_loses_none(ctx: Context) -> None:
    """invoiceninja #2183, #637, #2311; Dolibarr #25197; Xero does not catch up, Odoo is not retrospective."""
    steps = [email_step("first", 3), email_step("second", 4), task_step("call", 4), email_step("third", 5)]
    await a_plan(ctx, steps=[*steps, email_step("fourth", 12)])
    life = Life(ctx)
    customer = await a_debtor(ctx)
    debts = [await a_receivable(ctx, customer, number=f"INV-{n}") for n in range(3)]
    await life.work()
    await life.until(date(2026, 1, 12))
    await life.jump(datetime(2026, 1, 15, 22, tzinfo=UTC))
    for debt in debts:
        assert await life.told(debt) == [
            "first skipped superseded",
            "second skipped superseded",
            "call done",
            "third done",
        ]
    assert len(life.mailbox.mails) == len(debts)
    await life.until(date(2026, 1, 22))
    assert len(life.mailbox.mails) == 2 * len(debts)


async def test_complaint_01_debts_from_before_the_plan_are_reminded_too(ctx: Context) -> None:
    """QuickBooks Online reminds of new invoices only."""
    life = Life(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await life.until(date(2026, 1, 20))
    await a_plan(life.ctx, steps=[email_step("first", 3), email_step("second", 7), email_step("third", 20)])
    await life.work()
    await life.until(date(2026, 2, 1))
    assert await life.told(debt) == ["first skipped superseded", "second done", "third done"]


async def test_complaint_08_nothing_is_sent_outside_the_hours_of_the_customer(ctx: Context) -> None:
    """invoiceninja #2359, #9538, #8665: the hour is the server's; Dolibarr #30771: the sign of the days is read both ways."""
    await a_plan(ctx, steps=[inside(email_step("before", -3)), inside(email_step("after", 3))])
    life = Life(ctx)
    customer = await a_debtor(ctx, time_zone="America/New_York")
    debt = await a_receivable(ctx, customer)
    await life.work()
    # 22:30 in New York on the day itself: the engine was away while the window was open.
    await life.jump(datetime(2026, 1, 8, 3, 30, tzinfo=UTC))
    waiting = await life.case(debt)
    assert (await life.told(debt), waiting.deferred_reasons) == ([], ["outside_window"])
    assert waiting.next_action_at == datetime(2026, 1, 8, 14, tzinfo=UTC)
    await life.until(date(2026, 1, 15))
    assert await life.told(debt) == ["before done", "after done"]
    timeline = await life.timeline(debt)
    assert [o.decided_at for o in timeline.past] == [
        datetime(2026, 1, 8, 14, tzinfo=UTC),
        datetime(2026, 1, 13, 14, tzinfo=UTC),
    ]


async def test_complaint_11_the_tone_rises_with_the_stage_and_differs_by_grade(ctx: Context) -> None:
    """Stripe users; QuickBooks Online has no schedule of a customer's own; Chargebee's settings hold for all."""
    bad = when("grade", "in", ["C", "D", "E"])
    await a_plan(
        ctx,
        steps=[
            {**email_step("gentle", 3, "friendly_reminder"), "condition": {"not": bad}},
            {**email_step("stern", 3, "firm_notice"), "condition": bad},
            email_step("last", 30, "firm_notice"),
        ],
    )
    life = Life(ctx)
    customers = [await a_debtor(ctx, name=name) for name in ("Good", "Bad")]
    await update_customer(ctx, customers[1].id, {"grade": "D"})
    debts = [await a_receivable(ctx, owing, number=f"INV-{owing.name}") for owing in customers]
    await life.until(date(2026, 1, 14))
    assert [await life.told(debt) for debt in debts] == [
        ["gentle done", "stern skipped condition_not_met"],
        ["gentle skipped condition_not_met", "stern done"],
    ]
