"""Reminder plans on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.dunning.plans import create_plan, get_plan, list_plans, publish_plan, update_plan
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.charge_rules import archive_charge_rule
from tests.factories_dunning import LADDER, a_fee, a_plan, charge_step, email_step, events_of


async def test_a_plan_begins_as_a_draft_and_is_read_as_it_was_written(ctx: Context) -> None:
    plan = await create_plan(ctx, name="Standard", steps=LADDER, external_id="p-1")
    assert (plan.state, plan.published_version, plan.is_default) == ("draft", None, False)
    assert plan.draft_version is not None
    assert [step.key for step in plan.draft_version.steps] == ["friendly", "first", "call", "firm", "legal"]
    assert await get_plan(ctx, plan.id) == plan
    assert await events_of(ctx) == []


async def test_publishing_makes_the_draft_the_published_version(ctx: Context) -> None:
    plan = await a_plan(ctx)
    assert (plan.state, plan.draft_version, plan.version) == ("published", None, 2)
    assert plan.published_version is not None
    assert (plan.published_version.number, plan.published_version.published_at) == (1, ctx.now())
    assert await get_plan(ctx, plan.id) == plan
    (event,) = await events_of(ctx)
    assert (event.type, event.object_id) == ("reminder_plan.published", plan.id)
    assert event.data["reminder_plan"]["published_version"]["steps"][0] == LADDER[0]


async def test_new_steps_of_a_published_plan_wait_in_a_draft(ctx: Context) -> None:
    plan = await a_plan(ctx)
    changed = await update_plan(ctx, plan.id, {"steps": [email_step("only", 1)]})
    assert changed.published_version == plan.published_version
    assert changed.draft_version is not None
    assert changed.draft_version.number == 2
    again = await update_plan(ctx, plan.id, {"steps": [email_step("other", 1)]})
    assert again.draft_version is not None
    assert again.draft_version.id == changed.draft_version.id
    published = await publish_plan(ctx, plan.id)
    assert published.published_version is not None
    assert [step.key for step in published.published_version.steps] == ["other"]
    assert await get_plan(ctx, plan.id) == published


async def test_the_same_steps_again_change_nothing(ctx: Context) -> None:
    plan = await a_plan(ctx)
    assert await update_plan(ctx, plan.id, {"steps": LADDER, "name": plan.name}) == plan


async def test_publishing_without_a_draft_is_a_conflict(ctx: Context) -> None:
    plan = await a_plan(ctx)
    with pytest.raises(Conflict) as refused:
        await publish_plan(ctx, plan.id)
    assert refused.value.code == "no_draft_version"


async def test_a_plan_without_steps_cannot_be_published(ctx: Context) -> None:
    plan = await create_plan(ctx, name="Empty", steps=[])
    with pytest.raises(InvalidInput) as refused:
        await publish_plan(ctx, plan.id)
    assert [error.code for error in refused.value.errors] == ["plan_has_no_steps"]


async def test_every_unknown_template_is_named_with_its_place(ctx: Context) -> None:
    steps = [email_step("a", 1, "nobody_wrote_this"), email_step("b", 2), email_step("c", 3, "nobody_wrote_this")]
    plan = await create_plan(ctx, name="Wrong", steps=steps)
    with pytest.raises(InvalidInput) as refused:
        await publish_plan(ctx, plan.id)
    assert {error.pointer: error.code for error in refused.value.errors} == {
        "/steps/0/action/template": "unknown_template",
        "/steps/2/action/template": "unknown_template",
    }
    assert (await get_plan(ctx, plan.id)).state == "draft"


async def test_every_charge_rule_that_cannot_be_used_is_named_with_its_place(ctx: Context) -> None:
    used, old = await a_fee(ctx), await a_fee(ctx)
    await archive_charge_rule(ctx, old.id)
    unknown = replace(old, id="crl_00000000000000000000000000")
    steps = [
        charge_step("a", 1, used),
        charge_step("b", 2, old),
        charge_step("c", 3, unknown),
        email_step("d", 4, "no"),
    ]
    plan = await create_plan(ctx, name="Wrong", steps=steps)
    with pytest.raises(InvalidInput) as refused:
        await publish_plan(ctx, plan.id)
    assert {error.pointer: error.code for error in refused.value.errors} == {
        "/steps/1/action/charge_rule_id": "charge_rule_archived",
        "/steps/2/action/charge_rule_id": "unknown_charge_rule",
        "/steps/3/action/template": "unknown_template",
    }
    assert (await a_plan(ctx, steps=steps[:1])).state == "published"


async def test_the_default_moves_from_one_plan_to_the_other(ctx: Context) -> None:
    first = await a_plan(ctx)
    second = await a_plan(ctx, name="New", external_id="new")
    assert second.is_default
    assert not (await get_plan(ctx, first.id)).is_default
    back = await update_plan(ctx, first.id, {"is_default": True})
    assert back.is_default
    assert not (await get_plan(ctx, second.id)).is_default
    assert [event.object_id for event in await events_of(ctx)] == [first.id, second.id, first.id]


async def test_a_taken_external_id_and_a_stale_version_are_refused(ctx: Context) -> None:
    plan = await create_plan(ctx, name="One", steps=[], external_id="p-1")
    with pytest.raises(Conflict) as refused:
        await create_plan(ctx, name="Two", steps=[], external_id="p-1")
    assert refused.value.code == "external_id_taken"
    with pytest.raises(PreconditionFailed):
        await update_plan(ctx, plan.id, {"name": "x"}, expected_version=7)
    with pytest.raises(InvalidInput):
        await update_plan(ctx, plan.id, {"name": ""})
    with pytest.raises(NotFound):
        await get_plan(ctx, "pln_00000000000000000000000000")


async def test_plans_are_listed_by_keyset(ctx: Context) -> None:
    shipped = [plan.id for plan in (await list_plans(ctx, PageRequest())).items]
    made = [(await create_plan(ctx, name=f"p{n}", steps=[])).id for n in range(3)]
    first = await list_plans(ctx, PageRequest(limit=len(shipped) + 2))
    rest = await list_plans(ctx, PageRequest(limit=2, after=first.next_key))
    assert [plan.id for plan in [*first.items, *rest.items]] == [*shipped, *made]
    assert len(rest.items) == 1
