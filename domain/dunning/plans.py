"""Use cases of reminder plans: written as a draft, then published and from then on immutable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.dunning import plan_store as store
from domain.dunning.linting import faults_of_plan
from domain.dunning.model import PlanVersion, ReminderPlan
from domain.dunning.rules.options import PlanOptions, parse_options
from domain.dunning.rules.steps import Step, parse_steps
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, transaction

RawSteps = Sequence[Mapping[str, Any]]


@use_case("plans:write")
async def create_plan(
    ctx: Context,
    *,
    name: str,
    steps: RawSteps,
    options: Mapping[str, Any] | None = None,
    is_default: bool = False,
    external_id: str | None = None,
) -> ReminderPlan:
    """Writes a plan as a draft; raises InvalidInput naming each wrong place, Conflict (`external_id_taken`).

    A draft made the default takes that role at once: receivables of the time until it is published get their cases then.
    """
    _check_name(name)
    plan = ReminderPlan(
        id=new_id("pln"),
        external_id=external_id,
        name=name,
        is_default=is_default,
        state="draft",
        published_version=None,
        draft_version=_draft(1, parse_steps(steps), parse_options(options or {})),
        version=1,
        created_at=ctx.now(),
        updated_at=ctx.now(),
    )
    async with transaction(ctx):
        if is_default:
            await store.clear_default(ctx, except_id=plan.id)
        await store.add(ctx, plan)
        assert plan.draft_version is not None
        await store.add_version(ctx, plan.id, plan.draft_version)
        audited(ctx, plan.id)
    return plan


@use_case("plans:write")
async def update_plan(
    ctx: Context, plan_id: str, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> ReminderPlan:
    """Changes name, is_default, steps and options; new steps and options of a published plan wait in a draft."""
    if "name" in changes:
        _check_name(changes["name"])
    steps = parse_steps(changes["steps"]) if "steps" in changes else None
    options = parse_options(changes["options"]) if "options" in changes else None
    async with transaction(ctx):
        plan = await store.lock(ctx, plan_id)
        expect(plan.version, expected_version)
        changed = replace(
            plan, name=changes.get("name", plan.name), is_default=changes.get("is_default", plan.is_default)
        )
        if steps is not None or options is not None:
            changed = replace(changed, draft_version=await _store_draft(ctx, plan, steps, options))
        if changed == plan:
            return plan
        changed = replace(changed, version=plan.version + 1, updated_at=ctx.now())
        if changed.is_default and not plan.is_default:
            await store.clear_default(ctx, except_id=plan.id)
        await store.save(ctx, changed)
        audited(ctx, plan.id)
        if changed.is_default and not plan.is_default and changed.published_version:
            # Only now does it apply to every open receivable, which is what readers of the event want to know.
            emit(ctx, _published(changed))
    return changed


@use_case("plans:write")
async def publish_plan(ctx: Context, plan_id: str, *, expected_version: int | None = None) -> ReminderPlan:
    """Publishes the draft; cases that are on the way keep the version they began with.

    Raises Conflict (`no_draft_version`), or InvalidInput with every place that stands against it: no steps, a branch that leads
    nowhere or back, a step that nothing leads to, an unknown template, channel or charge rule.
    """
    async with transaction(ctx):
        plan = await store.lock(ctx, plan_id)
        expect(plan.version, expected_version)
        draft = plan.draft_version
        if draft is None:
            raise Conflict("no_draft_version", "The plan has no draft version to publish.")
        await _check_publishable(ctx, draft.steps)
        published = replace(
            plan,
            state="published",
            published_version=replace(draft, state="published", published_at=ctx.now()),
            draft_version=None,
            version=plan.version + 1,
            updated_at=ctx.now(),
        )
        await store.publish(ctx, plan.id, draft.id, ctx.now())
        await store.save(ctx, published)
        emit(ctx, _published(published))
    return published


@use_case("plans:read")
async def get_plan(ctx: Context, plan_id: str) -> ReminderPlan:
    """One plan; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, plan_id)


@use_case("plans:read")
async def list_plans(ctx: Context, page: PageRequest) -> Page[ReminderPlan]:
    """Plans in the order of their creation."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.plan_of)


async def _store_draft(
    ctx: Context, plan: ReminderPlan, steps: list[Step] | None, options: PlanOptions | None
) -> PlanVersion | None:
    """The plan's draft with these steps and options: the one it has, or a new version if they differ from what is published.

    What is None stays as it is in the draft, or else in what is published.
    """
    last = plan.draft_version or plan.published_version
    assert last is not None
    steps, options = last.steps if steps is None else steps, last.options if options is None else options
    if plan.draft_version is not None:
        draft = replace(plan.draft_version, steps=steps, options=options)
        await store.save_draft(ctx, draft)
        return draft
    if (last.steps, last.options) == (steps, options):
        return None
    draft = _draft(await store.last_number(ctx, plan.id) + 1, steps, options)
    await store.add_version(ctx, plan.id, draft)
    return draft


async def _check_publishable(ctx: Context, steps: list[Step]) -> None:
    errors = await faults_of_plan(ctx, steps)
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= 200:
        raise InvalidInput.at("/name", "malformed_name", "A name has 1 to 200 characters.")


def _draft(number: int, steps: list[Step], options: PlanOptions) -> PlanVersion:
    return PlanVersion(id=new_id("plv"), number=number, state="draft", steps=steps, options=options, published_at=None)


def _published(plan: ReminderPlan) -> NewEvent:
    return NewEvent("reminder_plan.published", plan.id, {"reminder_plan": plan})
