"""Which plan applies, on a real PostgreSQL: to new cases, to running ones, and as it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.customers.customers import update_customer
from domain.customers.model import Customer
from domain.dunning.assigning import plans_for
from domain.dunning.assigning_model import EffectivePlan
from domain.dunning.cases import case_timeline, list_cases
from domain.dunning.customer_settings import (
    delete_customer_reminder_settings,
    get_customer_reminder_settings,
    put_customer_reminder_settings,
)
from domain.dunning.effective_plans import get_customer_plan, get_receivable_plan
from domain.dunning.plan_assignments import (
    apply_plan_assignments,
    get_plan_assignment,
)
from domain.dunning.plans import create_plan, publish_plan, update_plan
from domain.dunning.reactions import react
from domain.dunning.reminder_settings import delete_reminder_settings, put_reminder_settings
from domain.dunning.rules.assigning import is_in_rollout
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.segments.segments import update_segment
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import reading
from tests.factories import a_customer
from tests.factories_assigning import IS_C, IS_PARTNER, OTHER, a_plan_that_does_nothing, a_rule, another_plan
from tests.factories_dunning import (
    LADDER,
    a_debtor,
    a_plan,
    a_receivable,
    case_of,
    drain,
    events_of,
    run_at,
)


def told(effective: EffectivePlan) -> tuple[str, str | None, list[tuple[str, str]]]:
    """Source and name of the winner, and the names of the losers with their reasons."""
    losers: list[tuple[str, str]] = [(loser.plan_name, loser.reason) for loser in effective.losers]
    return effective.winner.source, effective.winner.plan_name, losers


async def plan_of(ctx: Context, customer: Customer, **fields: Any) -> str:
    """The plan of the case of a new receivable."""
    receivable = await a_receivable(ctx, customer, **fields)
    await drain(react, ctx)
    return (await case_of(ctx, receivable)).plan_id


async def test_a_plan_applies_by_the_most_specific_choice_and_the_others_are_told_with_reasons(ctx: Context) -> None:
    standard = await a_plan(ctx)
    first, second, theirs, own = [await another_plan(ctx, name) for name in ("First", "Second", "Theirs", "Own")]
    customer = await a_debtor(ctx, grade="C", tags=["partner"])
    receivable = await a_receivable(ctx, customer)
    assert told(await get_receivable_plan(ctx, receivable.id)) == ("default", "Standard", [])
    # The smaller priority is asked first, whichever was made first.
    second_id = await a_rule(ctx, IS_PARTNER, second, 20)
    await a_rule(ctx, IS_C, first, 10)
    below = [("Second", "lower_priority"), ("Standard", "less_specific")]
    assert told(await get_receivable_plan(ctx, receivable.id)) == ("segment", "First", below)
    await put_customer_reminder_settings(ctx, customer.id, plan_id=theirs.id)
    below = [("First", "less_specific"), ("Second", "less_specific"), ("Standard", "less_specific")]
    assert told(await get_receivable_plan(ctx, receivable.id)) == ("customer", "Theirs", below)
    await put_reminder_settings(ctx, receivable.id, plan_id=own.id)
    effective = await get_receivable_plan(ctx, receivable.id)
    assert told(effective) == ("receivable", "Own", [("Theirs", "less_specific"), *below])
    assert (effective.winner.plan_id, effective.winner.version, effective.losers[2].assignment_id) == (
        own.id,
        1,
        second_id,
    )
    assert told(await get_customer_plan(ctx, customer.id)) == ("customer", "Theirs", below)
    stranger = await a_customer(ctx, name="No segment")
    unmatched = [("First", "segment_not_matched"), ("Second", "segment_not_matched")]
    assert told(await get_customer_plan(ctx, stranger.id)) == ("default", "Standard", unmatched)
    assert await get_receivable_plan(ctx, receivable.id) == effective
    assert standard.is_default
    for ask in (get_receivable_plan(ctx, "rcv_nobody"), get_customer_plan(ctx, "cus_nobody")):
        with pytest.raises(NotFound):
            await ask


async def test_without_any_plan_nobody_is_reminded_and_that_is_said(ctx: Context) -> None:
    draft = await create_plan(ctx, name="Draft", steps=LADDER, is_default=True)
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    await drain(react, ctx)
    assert told(await get_receivable_plan(ctx, receivable.id)) == ("none", None, [("Draft", "plan_not_published")])
    assert (await list_cases(ctx, PageRequest(), receivable_id=receivable.id)).items == []
    await publish_plan(ctx, draft.id)
    await drain(react, ctx)
    effective = await get_receivable_plan(ctx, receivable.id)
    assert (effective.winner.source, effective.case_plan_id) == ("default", draft.id)


async def test_new_cases_get_the_plan_of_their_segment(ctx: Context) -> None:
    standard, harsh = await a_plan(ctx), await another_plan(ctx)
    await a_rule(ctx, IS_C, harsh)
    good, bad = await a_debtor(ctx, grade="A"), await a_debtor(ctx, grade="C")
    assert (await plan_of(ctx, good), await plan_of(ctx, bad)) == (standard.id, harsh.id)


async def test_a_batch_takes_as_many_statements_as_one_receivable(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_plan(ctx)
    harsh = await another_plan(ctx)
    for priority in range(1, 6):
        await a_rule(
            ctx, {"any": [IS_C, {"field": "oldest_days_overdue", "op": "gt", "value": priority}]}, harsh, priority
        )
    receivables = [
        await a_receivable(ctx, await a_debtor(ctx, grade=g), number=g + str(n)) for n in range(10) for g in "AC"
    ]
    asked: list[str] = []
    fetch = BoundTransaction.fetch

    async def counting(self: BoundTransaction, query: str, *arguments: Any) -> Any:
        asked.append(query)
        return await fetch(self, query, *arguments)

    monkeypatch.setattr(BoundTransaction, "fetch", counting)
    async with reading(ctx):
        assigned = await plans_for(ctx, [receivable.id for receivable in receivables])
    assert len(asked) == 4
    assert [assigned[receivable.id].plan_id == harsh.id for receivable in receivables] == [False, True] * 10


async def test_cases_that_have_not_acted_follow_their_customers_plan_and_others_keep_theirs(ctx: Context) -> None:
    standard, gentle, own = await a_plan(ctx), await another_plan(ctx, "Gentle"), await another_plan(ctx, "Own")
    customer = await a_debtor(ctx)
    acted, waiting, named = [await a_receivable(ctx, customer, number=f"INV-{n}") for n in range(3)]
    # One of the three is reminded before anything changes.
    await put_reminder_settings(ctx, named.id, plan_id=own.id)
    await put_reminder_settings(ctx, waiting.id, grace_days=300)
    await drain(react, ctx)
    async with reading(ctx) as tx:
        await tx.execute(
            "update cases set next_action_at = '2027-01-01' where tenant_id = $1 and receivable_id <> $2",
            ctx.tenant_id,
            acted.id,
        )
    later = await run_at(ctx, datetime(2026, 1, 8, 1, 0, tzinfo=UTC))
    put = await put_customer_reminder_settings(later, customer.id, plan_id=gentle.id)
    plans = [(await case_of(later, receivable)).plan_id for receivable in (acted, waiting, named)]
    assert plans == [standard.id, gentle.id, own.id]
    assert [event.object_id for event in await events_of(later, "case.reassigned")] == [
        (await case_of(later, waiting)).id
    ]
    # The engine looks at once, finds nothing due and knows when the other plan begins.
    later = await run_at(later, later.now())
    (only,) = (await case_timeline(later, (await case_of(later, waiting)).id)).future
    assert (await case_of(later, waiting)).next_action_at == only.due_at
    assert await put_customer_reminder_settings(later, customer.id, plan_id=gentle.id) == put
    await delete_customer_reminder_settings(later, customer.id, expected_version=1)
    assert (await case_of(later, waiting)).plan_id == standard.id
    with pytest.raises(NotFound):
        await get_customer_reminder_settings(later, customer.id)


async def test_a_customers_plan_opens_what_had_none(ctx: Context) -> None:
    gentle = await another_plan(ctx)
    customer = await a_debtor(ctx)
    receivable = await a_receivable(ctx, customer)
    await drain(react, ctx)
    await put_customer_reminder_settings(ctx, customer.id, plan_id=gentle.id)
    assert (await case_of(ctx, receivable)).plan_id == gentle.id


async def test_a_receivable_without_a_plan_of_its_own_goes_back_to_its_customers(ctx: Context) -> None:
    await a_plan(ctx)
    gentle, own = await another_plan(ctx, "Gentle"), await another_plan(ctx, "Own")
    customer = await a_debtor(ctx)
    await put_customer_reminder_settings(ctx, customer.id, plan_id=gentle.id)
    receivable = await a_receivable(ctx, customer)
    await drain(react, ctx)
    await put_reminder_settings(ctx, receivable.id, plan_id=own.id)
    assert (await case_of(ctx, receivable)).plan_id == own.id
    await delete_reminder_settings(ctx, receivable.id)
    assert (await case_of(ctx, receivable)).plan_id == gentle.id


async def test_rules_and_segments_count_for_new_cases_until_they_are_applied(ctx: Context) -> None:
    standard, harsh = await a_plan(ctx), await another_plan(ctx)
    customer = await a_debtor(ctx, grade="C")
    before = await a_receivable(ctx, customer)
    await drain(react, ctx)
    assignment_id = await a_rule(ctx, IS_C, harsh)
    await drain(react, ctx)
    assert (await case_of(ctx, before)).plan_id == standard.id
    assert await plan_of(ctx, customer, number="INV-2") == harsh.id
    request = await apply_plan_assignments(ctx)
    assert (request.assignment_count, request.requested_at) == (1, ctx.now())
    await drain(react, ctx)
    assert (await case_of(ctx, before)).plan_id == harsh.id
    segment_id = (await get_plan_assignment(ctx, assignment_id)).segment_id
    await update_segment(ctx, segment_id, {"predicate": IS_PARTNER})
    await drain(react, ctx)
    assert (await case_of(ctx, before)).plan_id == harsh.id
    await apply_plan_assignments(ctx)
    await drain(react, ctx)
    assert (await case_of(ctx, before)).plan_id == standard.id
    kinds = [event.type for event in await events_of(ctx, "plan_assignments.apply_requested", "case.reassigned")]
    request_and_move = ["plan_assignments.apply_requested", "case.reassigned"]
    assert kinds == [*request_and_move, *request_and_move, "case.reassigned"]


async def test_applying_opens_what_has_no_case_and_leaves_alone_what_has_acted(ctx: Context) -> None:
    standard = await a_plan(ctx)
    customer = await a_debtor(ctx, grade="C")
    acted = await a_receivable(ctx, customer)
    later = await run_at(ctx, datetime(2026, 1, 8, 1, 0, tzinfo=UTC))
    await a_rule(later, IS_C, await another_plan(later))
    await update_plan(later, standard.id, {"is_default": False})
    stranger = await a_receivable(later, await a_debtor(later), number="INV-9")
    await apply_plan_assignments(later)
    await drain(react, later)
    assert (await case_of(later, acted)).plan_id == standard.id
    assert (await list_cases(later, PageRequest(), receivable_id=stranger.id)).items == []
    await update_customer(later, stranger.customer_id, {"grade": "C"})
    await apply_plan_assignments(later)
    await drain(react, later)
    assert (await list_cases(later, PageRequest(), receivable_id=stranger.id)).items != []


async def test_a_draft_is_passed_over_until_it_is_published_and_then_opens_what_it_is_for(ctx: Context) -> None:
    draft = await create_plan(ctx, name="Draft", steps=OTHER)
    await a_rule(ctx, IS_C, draft)
    receivable = await a_receivable(ctx, await a_debtor(ctx, grade="C"))
    await drain(react, ctx)
    assert told(await get_receivable_plan(ctx, receivable.id)) == ("none", None, [("Draft", "plan_not_published")])
    await publish_plan(ctx, draft.id)
    await drain(react, ctx)
    assert (await case_of(ctx, receivable)).plan_id == draft.id


async def test_a_plan_is_rolled_out_to_a_share_and_the_others_get_the_next_rule(ctx: Context) -> None:
    standard = await a_plan(ctx)
    trial = await another_plan(ctx, "Trial", rollout_percent=50)
    await a_rule(ctx, IS_C, trial)
    customers = [await a_debtor(ctx, name=f"c{n}", grade="C") for n in range(12)]
    inside = [is_in_rollout(ctx.tenant_id, trial.id, customer.id, 50) for customer in customers]
    plans = [await plan_of(ctx, customer) for customer in customers]
    assert plans == [trial.id if is_in else standard.id for is_in in inside]
    await update_plan(ctx, trial.id, {"rollout_percent": 0})
    assert told(await get_customer_plan(ctx, customers[0].id)) == (
        "default",
        "Standard",
        [("Trial", "outside_rollout")],
    )
    await update_plan(ctx, trial.id, {"rollout_percent": 100})
    assert told(await get_customer_plan(ctx, customers[0].id))[:2] == ("segment", "Trial")
    for percent in (-1, 101):
        with pytest.raises(InvalidInput) as wrong:
            await update_plan(ctx, trial.id, {"rollout_percent": percent})
        assert wrong.value.errors[0].code == "rollout_out_of_range"


async def test_a_plan_that_does_nothing_wins_and_nobody_is_reminded(ctx: Context) -> None:
    await a_plan(ctx)
    quiet = await a_plan_that_does_nothing(ctx)
    await a_rule(ctx, IS_PARTNER, quiet)
    receivable = await a_receivable(ctx, await a_debtor(ctx, tags=["partner"]))
    later = await run_at(ctx, datetime(2026, 6, 1, 1, 0, tzinfo=UTC))
    case = await case_of(later, receivable)
    assert (case.plan_id, case.state, case.next_action_at) == (quiet.id, "active", None)
    timeline = await case_timeline(later, case.id)
    assert (timeline.past, timeline.future) == ([], [])
    effective = await get_receivable_plan(later, receivable.id)
    assert (effective.winner.does_nothing, effective.winner.source) == (True, "segment")
    assert told(effective)[2] == [("Standard", "less_specific")]
