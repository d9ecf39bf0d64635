"""What may be said of which plan applies, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from domain.dunning.customer_settings import (
    get_customer_reminder_settings,
    put_customer_reminder_settings,
)
from domain.dunning.effective_plans import get_customer_plan, get_receivable_plan
from domain.dunning.plan_assignments import (
    MOST_ASSIGNMENTS,
    create_plan_assignment,
    delete_plan_assignment,
    get_plan_assignment,
    list_plan_assignments,
    update_plan_assignment,
)
from domain.dunning.plans import create_plan, publish_plan, update_plan
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, DunwellError, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.segments.segments import create_segment, delete_segment
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_assigning import IS_C, IS_PARTNER, OTHER, a_plan_that_does_nothing, a_rule, another_plan
from tests.factories_dunning import (
    LADDER,
    a_debtor,
    a_receivable,
    events_of,
)


async def test_a_plan_without_steps_is_published_only_if_it_does_nothing(ctx: Context) -> None:
    empty = await create_plan(ctx, name="Empty", steps=[])
    with pytest.raises(InvalidInput) as refused:
        await publish_plan(ctx, empty.id)
    assert refused.value.errors[0].code == "plan_has_no_steps"
    quiet = await a_plan_that_does_nothing(ctx)
    for attempt in (
        create_plan(ctx, name="Loud", steps=LADDER, does_nothing=True),
        update_plan(ctx, quiet.id, {"steps": LADDER}),
    ):
        with pytest.raises(InvalidInput) as wrong:
            await attempt
        assert wrong.value.errors[0].code == "plan_does_nothing"


async def test_assignments_are_listed_in_their_order_changed_and_removed(ctx: Context) -> None:
    plan = await another_plan(ctx)
    late, early = await a_rule(ctx, IS_C, plan, 20), await a_rule(ctx, IS_PARTNER, plan, 10)
    first = await list_plan_assignments(ctx, PageRequest(limit=1))
    second = await list_plan_assignments(ctx, PageRequest(limit=1, after=first.next_key))
    assert [page.items[0].id for page in (first, second)] == [early, late]
    changed = await update_plan_assignment(ctx, early, {"priority": 30}, expected_version=1)
    assert (changed.priority, changed.version) == (30, 2)
    assert await update_plan_assignment(ctx, early, {"priority": 30}) == changed
    assert [one.id for one in (await list_plan_assignments(ctx, PageRequest())).items] == [late, early]
    with pytest.raises(PreconditionFailed):
        await delete_plan_assignment(ctx, early, expected_version=1)
    with pytest.raises(Conflict) as used:
        await delete_segment(ctx, changed.segment_id)
    assert used.value.code == "segment_in_use"
    await delete_plan_assignment(ctx, early)
    await delete_segment(ctx, changed.segment_id)
    kinds = [
        event.type.rpartition(".")[2] for event in await events_of(ctx) if event.type.startswith("plan_assignment.")
    ]
    assert kinds == ["created", "created", "updated", "deleted"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"segment_id": "seg_nobody"}, "unknown_segment"),
        ({"plan_id": "pln_nobody"}, "unknown_plan"),
        ({"priority": 0}, "priority_out_of_range"),
        ({"priority": 10}, "priority_taken"),
    ],
)
async def test_a_wrong_assignment_is_refused(ctx: Context, wrong: dict[str, Any], code: str) -> None:
    plan = await another_plan(ctx)
    kept = await get_plan_assignment(ctx, await a_rule(ctx, IS_C, plan, 10))
    second = await a_rule(ctx, IS_C, plan, 20)
    fields = {"segment_id": kept.segment_id, "plan_id": plan.id, "priority": 30, **wrong}
    for attempt in (create_plan_assignment(ctx, **fields), update_plan_assignment(ctx, second, wrong)):
        with pytest.raises(DunwellError) as refused:
            await attempt
        known = refused.value.errors[0].code if isinstance(refused.value, InvalidInput) else refused.value.code
        assert known == code
    assert [one.priority for one in (await list_plan_assignments(ctx, PageRequest())).items] == [10, 20]


async def test_there_are_only_so_many_assignments(ctx: Context) -> None:
    plan = await another_plan(ctx)
    segment = await create_segment(ctx, name="C", predicate=IS_C)
    for priority in range(1, MOST_ASSIGNMENTS + 1):
        await create_plan_assignment(ctx, segment_id=segment.id, plan_id=plan.id, priority=priority)
    with pytest.raises(Conflict) as full:
        await create_plan_assignment(ctx, segment_id=segment.id, plan_id=plan.id, priority=99)
    assert full.value.code == "too_many_plan_assignments"


@pytest.mark.parametrize(("published", "code"), [(False, "plan_not_published"), (None, "unknown_plan")])
async def test_a_customer_is_given_only_a_published_plan(ctx: Context, published: bool | None, code: str) -> None:
    plan_id = "pln_nobody" if published is None else (await create_plan(ctx, name="Draft", steps=OTHER)).id
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as wrong:
        await put_customer_reminder_settings(ctx, customer.id, plan_id=plan_id)
    assert [(error.pointer, error.code) for error in wrong.value.errors] == [("/plan_id", code)]
    with pytest.raises(NotFound):
        await get_customer_reminder_settings(ctx, customer.id)
    with pytest.raises(NotFound):
        await put_customer_reminder_settings(ctx, "cus_nobody", plan_id=plan_id)


async def test_a_limited_collector_asks_and_chooses_for_own_customers_only(ctx: Context) -> None:
    mine = limited_to(ctx, await a_collector(ctx))
    plan = await another_plan(ctx)
    owing = {"field": "open_amount", "op": "gt", "value": {"amount": "1000.00", "currency": "CNY"}}
    await a_rule(ctx, owing, plan)
    own, theirs = await a_debtor(ctx, owner_id=mine.customers_of), await a_debtor(ctx)
    receivables = [await a_receivable(ctx, customer) for customer in (own, theirs)]
    effective = await get_receivable_plan(mine, receivables[0].id)
    assert (effective.winner.source, effective.winner.plan_id) == ("segment", plan.id)
    await put_customer_reminder_settings(mine, own.id, plan_id=plan.id)
    await put_customer_reminder_settings(ctx, theirs.id, plan_id=plan.id)
    for attempt in (
        get_receivable_plan(mine, receivables[1].id),
        get_customer_plan(mine, theirs.id),
        get_customer_reminder_settings(mine, theirs.id),
        put_customer_reminder_settings(mine, theirs.id, plan_id=plan.id),
    ):
        with pytest.raises(NotFound):
            await attempt
