"""What a plan would do: for a receivable, a customer, a described debt; nothing is stored, and what is told is what happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from domain.dunning.cases import case_timeline
from domain.dunning.described import Debt
from domain.dunning.plans import update_plan
from domain.dunning.simulating import About, simulate_plan
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.storage.transaction import reading
from tests.factories_dunning import DUE_ON, LADDER, a_case, a_debtor, a_plan, a_receivable, at, email_step, task_step
from tests.factories_ledger import cny
from tests.factories_policy import NIGHT, january, set_policy

DEBT = Debt(amount=cny(800), due_on=DUE_ON)
NOBODY = replace(DEBT, channels=())


def told(steps: list[Any]) -> list[tuple[str, str, datetime]]:
    return [(one.step_key, one.outcome, one.expected_at) for one in steps]


async def test_a_described_debt_walks_through_the_plan(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=LADDER)
    found = await simulate_plan(await at(ctx, january(2)), plan.id, about=About(debt=DEBT), locale="en")
    assert told(found.steps)[:3] == [
        ("friendly", "done", january(7)),
        ("first", "done", january(13)),
        ("call", "done", january(20)),
    ]
    assert (found.is_complete, found.waiting, found.steps[0].channel) == (True, [], "email")
    assert "800.00" in (found.steps[1].body or "")
    held = await simulate_plan(await at(ctx, january(2)), plan.id, about=About(debt=NOBODY), locale="en")
    assert [(one.code, one.message) for one in held.steps[0].blockers] == [
        ("no_contact_address", "No contact has an address for the channels.")
    ]


async def test_from_a_day_and_up_to_a_bound(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=[email_step("first", 3), task_step("call", 10), email_step("last", 40)])
    about = About(debt=DEBT)
    found = await simulate_plan(ctx, plan.id, about=about, starts_on=date(2026, 1, 15), most_days=10, texts=False)
    assert (found.starts_at, found.is_complete) == (january(14, 16), False)
    assert told(found.steps) == [("first", "done", january(14, 16)), ("call", "done", january(20))]
    one = await simulate_plan(ctx, plan.id, about=about, starts_on=date(2026, 1, 1), most_steps=1)
    assert told(one.steps) == [("first", "done", january(13))]


async def test_the_draft_is_tried_before_it_is_published(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=[email_step("first", 3)])
    await update_plan(ctx, plan.id, {"steps": [email_step("other", 5)]})
    about = About(debt=DEBT)
    draft = await simulate_plan(await at(ctx, january(2)), plan.id, about=about)
    published = await simulate_plan(await at(ctx, january(2)), plan.id, about=about, version="published")
    assert ([one.step_key for one in draft.steps], draft.number) == (["other"], 2)
    assert ([one.step_key for one in published.steps], published.number) == (["first"], 1)


async def test_a_real_receivable_is_told_as_its_timeline_tells_it_and_nothing_is_stored(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=LADDER)
    case = await a_case(ctx)
    await set_policy(ctx, contact_hours=[NIGHT])
    ctx = await at(ctx, january(2))
    before = await _counts(ctx)
    timeline = await case_timeline(ctx, case.id, texts=True)
    found = await simulate_plan(ctx, plan.id, about=About(receivable_id=case.receivable_id))
    same = await simulate_plan(ctx, plan.id, about=About(customer_id=case.customer_id))
    assert found.steps == same.steps == timeline.future
    assert [one.code for one in found.steps[0].blockers] == ["quiet_hours"]
    assert await _counts(ctx) == before


async def _counts(ctx: Context) -> list[int]:
    tables = ("cases", "occurrences", "notices", "events")
    async with reading(ctx) as tx:
        return [
            await tx.fetchval(f"select count(*) from {name} where tenant_id = $1", ctx.tenant_id) for name in tables
        ]


@pytest.mark.parametrize(
    ("about", "pointer", "code"),
    [
        (About(), "/receivable_id", "one_of_receivable_customer_or_debt"),
        (About(customer_id="x", debt=DEBT), "/receivable_id", "one_of_receivable_customer_or_debt"),
        (About(debt=replace(DEBT, amount=cny(0))), "/debt/amount/amount", "amount_not_positive"),
        (About(debt=replace(DEBT, issued_on=date(2026, 2, 1))), "/debt/issued_on", "dates_reversed"),
        (About(debt=replace(DEBT, time_zone="Mars/Base")), "/debt/time_zone", "unknown_time_zone"),
        (About(debt=replace(DEBT, locale="xx")), "/debt/locale", "unknown_locale"),
        (About(debt=replace(DEBT, due_on=date(1, 1, 1))), "/debt/due_on", "date_out_of_range"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_pointer(
    ctx: Context, about: About, pointer: str, code: str
) -> None:
    plan = await a_plan(ctx, steps=[email_step("first", 3)])
    with pytest.raises(InvalidInput) as refused:
        await simulate_plan(ctx, plan.id, about=about)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


async def test_what_does_not_exist_cannot_be_tried(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=[email_step("first", 3)])
    with pytest.raises(NotFound):
        await simulate_plan(ctx, "rpl_00000000000000000000000000", about=About(debt=DEBT))
    with pytest.raises(NotFound):
        await simulate_plan(ctx, plan.id, about=About(receivable_id="rcv_00000000000000000000000000"))
    with pytest.raises(InvalidInput) as refused:
        await simulate_plan(ctx, plan.id, about=About(debt=DEBT), version="draft")
    assert refused.value.errors[0].code == "no_such_version"
    owing_nothing = await a_debtor(ctx)
    with pytest.raises(InvalidInput) as nothing:
        await simulate_plan(ctx, plan.id, about=About(customer_id=owing_nothing.id))
    assert nothing.value.errors[0].code == "nothing_open"
    assert (await a_receivable(ctx, owing_nothing)).customer_id == owing_nothing.id
