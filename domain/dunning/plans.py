"""Use cases of reminder plans: written as a draft, then published and from then on immutable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.dunning import plan_store as store
from domain.dunning.linting import faults_of_plan
from domain.dunning.model import PlanMode, PlanRelease, PlanVersion, ReminderPlan
from domain.dunning.rules.assigning import EVERYBODY
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
_CHANGING = ("name", "is_default", "rollout_percent", "mode", "release")


@use_case("plans:write")
async def create_plan(
    ctx: Context,
    *,
    name: str,
    steps: RawSteps = (),
    options: Mapping[str, Any] | None = None,
    is_default: bool = False,
    external_id: str | None = None,
    does_nothing: bool = False,
    rollout_percent: int = 100,
    mode: PlanMode = "live",
    release: PlanRelease = "automatic",
) -> ReminderPlan:
    """Writes a plan as a draft; raises InvalidInput naming each wrong place, Conflict (`external_id_taken`).

    A draft made the default takes that role at once: receivables of the time until it is published get their cases then. A plan that
    does nothing has no steps, ever.
    """
    _check_name(name)
    _check_rollout(rollout_percent)
    _check_nothing(does_nothing, steps)
    plan = ReminderPlan(
        id=new_id("pln"),
        external_id=external_id,
        name=name,
        is_default=is_default,
        does_nothing=does_nothing,
        rollout_percent=rollout_percent,
        mode=mode,
        release=release,
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
    """Changes name, is_default, rollout_percent, steps and options; new steps and options of a published plan wait in a draft.

    Another share of the customers counts for cases that are opened from now on. A plan that goes live goes on from where the calendar
    is: what it would have done while it was only tried is not done any more. Another release counts for notices to come.
    """
    if "name" in changes:
        _check_name(changes["name"])
    if "rollout_percent" in changes:
        _check_rollout(changes["rollout_percent"])
    steps = parse_steps(changes["steps"]) if "steps" in changes else None
    options = parse_options(changes["options"]) if "options" in changes else None
    async with transaction(ctx):
        plan = await store.lock(ctx, plan_id)
        expect(plan.version, expected_version)
        _check_nothing(plan.does_nothing, steps or ())
        changed = replace(plan, **{name: changes[name] for name in _CHANGING if name in changes})
        if steps is not None or options is not None:
            changed = replace(changed, draft_version=await _store_draft(ctx, plan, steps, options))
        if changed == plan:
            return plan
        changed = replace(changed, version=plan.version + 1, updated_at=ctx.now())
        if changed.is_default and not plan.is_default:
            await store.clear_default(ctx, except_id=plan.id)
        await store.save(ctx, changed)
        audited(ctx, plan.id)
        emit(ctx, *_other_mode(plan, changed))
        if changed.is_default and not plan.is_default and changed.published_version:
            # Only now does it apply to every open receivable, which is what readers of the event want to know.
            emit(ctx, _published(changed))
    return changed


@use_case("plans:write")
async def publish_plan(
    ctx: Context, plan_id: str, *, mode: PlanMode | None = None, expected_version: int | None = None
) -> ReminderPlan:
    """Publishes the draft; cases that are on the way keep the version they began with. With a `mode` the whole plan is in it from now on.

    Raises Conflict (`no_draft_version`), or InvalidInput with every place that stands against it: no steps (unless it is meant to do
    nothing), a branch that leads nowhere or back, a step that nothing leads to, an unknown template, channel or charge rule.
    """
    async with transaction(ctx):
        plan = await store.lock(ctx, plan_id)
        expect(plan.version, expected_version)
        draft = plan.draft_version
        if draft is None:
            raise Conflict("no_draft_version", "The plan has no draft version to publish.")
        if not plan.does_nothing:
            await _check_publishable(ctx, draft.steps)
        published = replace(
            plan,
            state="published",
            mode=mode or plan.mode,
            published_version=replace(draft, state="published", published_at=ctx.now()),
            draft_version=None,
            version=plan.version + 1,
            updated_at=ctx.now(),
        )
        await store.publish(ctx, plan.id, draft.id, ctx.now())
        await store.save(ctx, published)
        emit(ctx, _published(published), *_other_mode(plan, published))
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


def _check_rollout(percent: int) -> None:
    if not 0 <= percent <= EVERYBODY:
        raise InvalidInput.at("/rollout_percent", "rollout_out_of_range", "rollout_percent is 0 to 100.")


def _check_nothing(does_nothing: bool, steps: RawSteps | list[Step]) -> None:
    if does_nothing and steps:
        raise InvalidInput.at("/steps", "plan_does_nothing", "A plan that does nothing has no steps.")


def _draft(number: int, steps: list[Step], options: PlanOptions) -> PlanVersion:
    return PlanVersion(id=new_id("plv"), number=number, state="draft", steps=steps, options=options, published_at=None)


def _other_mode(before: ReminderPlan, after: ReminderPlan) -> list[NewEvent]:
    """What is to be told of a plan that cases walk through, and that is in another mode now."""
    if before.mode == after.mode or before.published_version is None:
        return []
    what = "went_live" if after.mode == "live" else "put_in_shadow"
    return [NewEvent(f"reminder_plan.{what}", after.id, {"reminder_plan": after})]


def _published(plan: ReminderPlan) -> NewEvent:
    return NewEvent("reminder_plan.published", plan.id, {"reminder_plan": plan})
