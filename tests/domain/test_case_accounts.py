"""Cases that stand for all that a customer owes in one currency: who is in them, and what wakes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.dunning.cases import case_timeline, get_case, list_case_receivables, list_cases
from domain.dunning.engine import run_due_cases
from domain.dunning.reactions import react
from domain.dunning.reminder_settings import delete_reminder_settings, put_reminder_settings
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.payment_changes import reverse_payment
from domain.ledger.payments import record_payment
from domain.messaging.notices import list_notices
from domain.storage.transaction import reading, transaction
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_dunning import (
    a_debtor,
    a_fee,
    a_plan,
    a_receivable,
    at,
    case_of,
    charge_step,
    drain,
    email_step,
    events_of,
    run_at,
)

LADDER = [email_step("first", 3), email_step("second", 15)]
FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
SECOND = datetime(2026, 1, 25, 1, 0, tzinfo=UTC)


def cny(amount: int) -> Money:
    return Money(Decimal(amount), "CNY")


async def an_account_plan(ctx: Context, anchor: str = "oldest_open", **overrides: Any) -> None:
    await a_plan(ctx, **{"steps": LADDER, "options": {"anchor": anchor}, **overrides})


async def test_one_case_for_each_customer_and_currency(ctx: Context) -> None:
    await an_account_plan(ctx)
    customer, other = await a_debtor(ctx), await a_debtor(ctx)
    first = await a_receivable(ctx, customer, number="INV-1")
    second = await a_receivable(ctx, customer, number="INV-2")
    dollars = await a_receivable(ctx, customer, number="INV-3", amount=Money(Decimal(5), "USD"))
    strangers = await a_receivable(ctx, other, number="INV-4")
    await drain(react, ctx)
    late = await a_receivable(ctx, customer, number="INV-5")
    await drain(react, ctx)
    cases = (await list_cases(ctx, PageRequest())).items
    assert {(case.customer_id, case.currency, case.anchor, case.receivable_id) for case in cases} == {
        (customer.id, "CNY", "oldest_open", None),
        (customer.id, "USD", "oldest_open", None),
        (other.id, "CNY", "oldest_open", None),
    }
    assert len(cases) == 3
    account = await case_of(ctx, late)
    assert {(await case_of(ctx, one)).id for one in (first, second, late)} == {account.id}
    assert (await case_of(ctx, dollars)).id != account.id != (await case_of(ctx, strangers)).id
    found: list[Any] = []
    after = None
    for _ in range(3):
        page = await list_case_receivables(ctx, account.id, PageRequest(limit=1, after=after))
        found, after = [*found, *page.items], page.next_key
    assert [one.receivable_id for one in found] == sorted(one.id for one in (first, second, late))
    assert after is None


async def test_the_timeline_says_beforehand_what_the_engine_will_do(ctx: Context) -> None:
    await an_account_plan(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    ctx = await run_at(ctx, ctx.now())
    case = await case_of(ctx, debt)
    assert case.next_action_at == FIRST
    timeline = await case_timeline(ctx, case.id)
    assert [(step.step_key, step.due_at) for step in timeline.future] == [("first", FIRST), ("second", SECOND)]


async def test_a_payment_taken_back_takes_up_the_case_and_repeats_nothing(ctx: Context) -> None:
    await an_account_plan(ctx)
    customer = await a_debtor(ctx)
    debt = await a_receivable(ctx, customer, amount=cny(100))
    ctx = await run_at(ctx, FIRST)
    payment = await record_payment(ctx, customer_id=customer.id, amount=cny(100), received_on=date(2026, 1, 13))
    ctx = await run_at(ctx, ctx.now())
    assert (await case_of(ctx, debt)).state == "closed"
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=date(2026, 1, 13))
    ctx = await run_at(ctx, ctx.now())
    again = await case_of(ctx, debt)
    assert (again.state, again.closed_at, again.next_action_at) == ("active", None, SECOND)
    ctx = await run_at(ctx, SECOND)
    assert [o.step_key for o in (await case_timeline(ctx, again.id)).past] == ["first", "second"]
    assert [event.object_id for event in await events_of(ctx, "case.opened")] == [again.id] * 2


async def test_a_plan_of_its_own_takes_a_receivable_out_and_it_keeps_the_case_it_got(ctx: Context) -> None:
    await an_account_plan(ctx)
    strict = await a_plan(ctx, name="Strict", steps=[email_step("only", 1)], is_default=False)
    customer = await a_debtor(ctx)
    own = await a_receivable(ctx, customer, number="OWN")
    rest = await a_receivable(ctx, customer, number="REST")
    await drain(react, ctx)
    account = await case_of(ctx, own)
    await put_reminder_settings(ctx, own.id, plan_id=strict.id)
    case = await case_of(ctx, own)
    assert (case.receivable_id, case.plan_id, case.anchor) == (own.id, strict.id, "receivable")
    assert (await case_of(ctx, rest)).id == account.id
    await delete_reminder_settings(ctx, own.id)
    assert (await case_of(ctx, own)).id == case.id
    ctx = await run_at(ctx, FIRST)
    assert [o.anchor_receivable_id for o in (await case_timeline(ctx, account.id)).past] == [rest.id]
    assert [o.step_key for o in (await case_timeline(ctx, case.id)).past] == ["first"]


async def test_days_of_grace_of_the_oldest_move_the_account_at_once(ctx: Context) -> None:
    await an_account_plan(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    ctx = await run_at(ctx, ctx.now())
    await put_reminder_settings(ctx, debt.id, grace_days=2)
    await drain(run_due_cases, ctx)
    assert (await case_of(ctx, debt)).next_action_at == datetime(2026, 1, 15, 1, 0, tzinfo=UTC)


async def test_a_step_that_charges_charges_the_oldest_and_the_same_notice_asks_for_it(ctx: Context) -> None:
    fee = await a_fee(ctx)
    await an_account_plan(ctx, "balance", steps=[charge_step("fee", 3, fee), email_step("first", 3)])
    customer = await a_debtor(ctx)
    for n in (1, 2):
        await a_receivable(ctx, customer, number=f"INV-{n}", amount=cny(100), due_on=date(2026, 1, 9 + n))
    ctx = await run_at(ctx, FIRST)
    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert (notice.open_amount, [one.open_amount for one in notice.receivables]) == (cny(240), [cny(140), cny(100)])


async def test_a_limited_collector_sees_the_members_of_own_customers_only(ctx: Context) -> None:
    mine = limited_to(ctx, await a_collector(ctx))
    await an_account_plan(ctx, "balance")
    for owner_id in (mine.customers_of, None):
        customer = await a_customer(ctx, owner_id=owner_id)
        for n in (1, 2):
            await a_receivable(ctx, customer, number=f"INV-{n}")
    await drain(react, ctx)
    (case,) = (await list_cases(mine, PageRequest())).items
    assert len((await list_case_receivables(mine, case.id, PageRequest())).items) == 2
    async with reading(mine) as tx:
        assert [row[0] for row in await tx.fetch("select distinct case_id from case_receivables")] == [case.id]


async def test_two_engines_at_once_write_one_notice_about_an_account(ctx: Context) -> None:
    await an_account_plan(ctx, "balance")
    customer = await a_debtor(ctx)
    for n in range(5):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    await drain(react, ctx)
    ctx = await at(ctx, FIRST)
    await drain(run_due_cases, ctx)
    async with transaction(ctx) as tx:
        await tx.execute("update cases set next_action_at = $2 where tenant_id = $1", ctx.tenant_id, ctx.now())
    await drain(run_due_cases, ctx)
    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert len(notice.receivables) == 5
    assert notice.case_id is not None
    assert (await get_case(ctx, notice.case_id)).next_action_at == SECOND


async def test_the_timeline_of_an_account_that_follows_another_debt_comes_to_an_end(ctx: Context) -> None:
    await an_account_plan(ctx, steps=[email_step(f"s{n}", n * 10) for n in range(1, 6)])
    customer = await a_debtor(ctx)
    young = await a_receivable(ctx, customer, number="YOUNG", amount=cny(10), due_on=date(2026, 1, 1))
    ctx = await run_at(ctx, datetime(2026, 1, 12, 1, 0, tzinfo=UTC))
    old = await a_receivable(ctx, customer, number="OLD", amount=cny(20), due_on=date(2025, 9, 1))
    ctx = await run_at(ctx, ctx.now())
    case = await case_of(ctx, old)
    timeline = await case_timeline(ctx, case.id)
    assert [(o.step_key, o.anchor_receivable_id) for o in timeline.past] == [("s1", young.id), ("s1", old.id)]
    expected = [
        (f"s{n}", datetime(2026, 1, 12 + 10, 1, 0, tzinfo=UTC) + timedelta(days=10 * (n - 2))) for n in range(2, 6)
    ]
    assert [(step.step_key, step.due_at) for step in timeline.future] == expected
    for _, instant in expected:
        ctx = await run_at(ctx, instant)
    past = (await case_timeline(ctx, case.id)).past
    assert [(o.step_key, o.decided_at) for o in past[2:]] == expected


async def test_a_step_with_branches_is_asked_anew_about_each_debt(ctx: Context) -> None:
    condition = {"field": "open_amount", "op": "gte", "value": {"amount": "100.00", "currency": "CNY"}}
    steps = [
        {**email_step("first", 3), "branches": [{"when": condition, "go_to": "hard"}]},
        email_step("soft", 10),
        email_step("hard", 15, "final_notice"),
    ]
    await an_account_plan(ctx, steps=steps)
    customer = await a_debtor(ctx)
    large = await a_receivable(ctx, customer, number="LARGE", amount=cny(500), due_on=date(2026, 1, 10))
    small = await a_receivable(ctx, customer, number="SMALL", amount=cny(50), due_on=date(2026, 1, 12))
    ctx = await run_at(ctx, FIRST)
    await record_payment(ctx, customer_id=customer.id, amount=cny(500), received_on=date(2026, 1, 13))
    for day in (15, 22, 27):
        ctx = await run_at(ctx, datetime(2026, 1, day, 1, 0, tzinfo=UTC))
    past = (await case_timeline(ctx, (await case_of(ctx, large)).id)).past
    told = [(o.step_key, o.outcome, o.anchor_receivable_id == small.id) for o in past]
    assert told[:2] == [("first", "done", False), ("soft", "skipped", False)]
    assert [one[0] for one in told[2:]] == ["first", "soft", "hard"]
    assert all(one[1:] == ("done", True) for one in told[2:])
