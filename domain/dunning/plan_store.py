"""Reminder plans in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from asyncpg import UniqueViolationError

from domain.dunning.model import PlanVersion, ReminderPlan
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.options import PlanOptions, options_from
from domain.dunning.rules.steps import Step, step_from
from domain.dunning.tables import PlanVersionRow, ReminderPlanRow
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import PageRequest, as_json
from domain.storage.bulk import insert_rows
from domain.storage.engine import BoundTransaction
from domain.storage.transaction import sql

_SELECT = """
  select p.id, p.external_id, p.name, p.is_default, p.does_nothing, p.rollout_percent, p.mode, p.paused_at, p.release,
    p.version, p.created_at, p.updated_at,
    d.id as draft_id, d.number as draft_number, d.steps as draft_steps, d.options as draft_options,
    v.id as published_id, v.number as published_number, v.steps as published_steps, v.options as published_options,
    v.published_at
  from reminder_plans p
  left join plan_versions d on d.tenant_id = p.tenant_id and d.plan_id = p.id and d.state = 'draft'
  left join plan_versions v on v.tenant_id = p.tenant_id and v.plan_id = p.id and v.state = 'published'
  where p.tenant_id = $1
"""
_DRAFT_COLUMNS = {
    "tenant_id": "text",
    "id": "text",
    "external_id": "text",
    "name": "text",
    "is_default": "boolean",
    "does_nothing": "boolean",
    "rollout_percent": "integer",
    "version": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_AS_DRAFT = {"is_default": False, "does_nothing": False, "rollout_percent": 100, "version": 1}
_FIRST_COLUMNS = {
    "tenant_id": "text",
    "id": "text",
    "plan_id": "text",
    "number": "integer",
    "state": "text",
    "steps": "jsonb",
    "options": "jsonb",
    "created_at": "timestamptz",
}
# The versions that cases walk through; they never change, so every process may keep them.
_ladders: dict[tuple[str, str], Ladder] = {}
_MOST_KEPT = 10_000


async def add(ctx: Context, plan: ReminderPlan) -> None:
    """Stores a new plan; raises Conflict if its external id is taken."""
    row = ReminderPlanRow(
        tenant_id=ctx.tenant_id,
        id=plan.id,
        external_id=plan.external_id,
        name=plan.name,
        is_default=plan.is_default,
        does_nothing=plan.does_nothing,
        rollout_percent=plan.rollout_percent,
        mode=plan.mode,
        paused_at=plan.paused_at,
        release=plan.release,
        version=plan.version,
        created_at=plan.created_at,
        updated_at=plan.updated_at,
    )
    try:
        await ReminderPlanRow.insert(row)
    except UniqueViolationError as taken:
        if taken.constraint_name == "one_default_plan":
            raise Conflict("default_plan_changed", "Another plan became the default one at this moment.") from taken
        raise Conflict(
            "external_id_taken", f"There is a reminder plan with the external id {plan.external_id!r}."
        ) from taken


async def add_drafts(tx: BoundTransaction, tenant_id: str, plans: Sequence[ReminderPlan]) -> None:
    """Stores new plans that are drafts, of a tenant that nobody works in yet."""
    drafts = [(plan, plan.draft_version) for plan in plans if plan.draft_version is not None]
    own = [(plan.id, plan.external_id, plan.name, plan.created_at, plan.updated_at) for plan, _ in drafts]
    await insert_rows(tx, "reminder_plans", _DRAFT_COLUMNS, own, shared={"tenant_id": tenant_id, **_AS_DRAFT})
    versions = [
        (draft.id, plan.id, as_json(draft.steps), as_json(draft.options), plan.created_at) for plan, draft in drafts
    ]
    first = {"tenant_id": tenant_id, "number": 1, "state": "draft"}
    await insert_rows(tx, "plan_versions", _FIRST_COLUMNS, versions, shared=first)


async def find_by_external_id(ctx: Context, external_id: str) -> ReminderPlan | None:
    """The plan that the tenant calls so, if there is one."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and p.external_id = $2", ctx.tenant_id, external_id)
    return None if row is None else plan_of(row)


async def save(ctx: Context, plan: ReminderPlan) -> None:
    """Stores what can change of a plan itself; its versions are stored on their own."""
    await sql(ctx).execute(
        "update reminder_plans set name = $3, is_default = $4, version = $5, updated_at = $6, rollout_percent = $7,"
        " mode = $8, paused_at = $9, release = $10"
        " where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        plan.id,
        plan.name,
        plan.is_default,
        plan.version,
        plan.updated_at,
        plan.rollout_percent,
        plan.mode,
        plan.paused_at,
        plan.release,
    )


async def add_version(ctx: Context, plan_id: str, version: PlanVersion) -> None:
    """Stores a new version of a plan."""
    await PlanVersionRow.insert(
        PlanVersionRow(
            tenant_id=ctx.tenant_id,
            id=version.id,
            plan_id=plan_id,
            number=version.number,
            state=version.state,
            steps=as_json(version.steps),
            options=as_json(version.options),
            published_at=version.published_at,
            created_at=ctx.now(),
        )
    )


async def save_draft(ctx: Context, draft: PlanVersion) -> None:
    """Replaces the steps and options of a draft; a version that is not a draft any more stays as it is."""
    await sql(ctx).execute(
        "update plan_versions set steps = $3::jsonb, options = $4::jsonb where tenant_id = $1 and id = $2 and state = 'draft'",
        ctx.tenant_id,
        draft.id,
        as_json(draft.steps),
        as_json(draft.options),
    )


async def publish(ctx: Context, plan_id: str, version_id: str, at: datetime) -> None:
    """Retires the published version of a plan, if there is one, and publishes the draft."""
    tx = sql(ctx)
    await tx.execute(
        "update plan_versions set state = 'retired' where tenant_id = $1 and plan_id = $2 and state = 'published'",
        ctx.tenant_id,
        plan_id,
    )
    await tx.execute(
        "update plan_versions set state = 'published', published_at = $3 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        version_id,
        at,
    )


async def lock(ctx: Context, plan_id: str) -> ReminderPlan:
    """One plan, locked together with the default one, always in the same order; raises NotFound."""
    await sql(ctx).fetch(
        "select 1 from reminder_plans where tenant_id = $1 and (id = $2 or is_default) order by id for update",
        ctx.tenant_id,
        plan_id,
    )
    return await get(ctx, plan_id)


async def clear_default(ctx: Context, *, except_id: str) -> None:
    """No other plan than `except_id` is the default one any more."""
    await sql(ctx).execute(
        "update reminder_plans set is_default = false, version = version + 1, updated_at = $3"
        " where tenant_id = $1 and is_default and id <> $2",
        ctx.tenant_id,
        except_id,
        ctx.now(),
    )


async def get(ctx: Context, plan_id: str) -> ReminderPlan:
    """One plan with its versions; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and p.id = $2", ctx.tenant_id, plan_id)
    if row is None:
        raise NotFound.of("reminder_plan", plan_id)
    return plan_of(row)


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"{_SELECT} and ($2::text is null or p.id > $2) order by p.id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def last_number(ctx: Context, plan_id: str) -> int:
    """The highest version number of a plan so far."""
    number: int = await sql(ctx).fetchval(
        "select coalesce(max(number), 0) from plan_versions where tenant_id = $1 and plan_id = $2",
        ctx.tenant_id,
        plan_id,
    )
    return number


async def ladders_of(ctx: Context, version_ids: Iterable[str]) -> dict[str, Ladder]:
    """Published or retired versions by id, read once in the life of a process."""
    found = {wanted: _ladders.get((ctx.tenant_id, wanted)) for wanted in version_ids}
    missing = [version_id for version_id, ladder in found.items() if ladder is None]
    if missing:
        rows = await sql(ctx).fetch(
            "select id, steps, options from plan_versions where tenant_id = $1 and id = any($2) and state <> 'draft'",
            ctx.tenant_id,
            missing,
        )
        if len(_ladders) > _MOST_KEPT:
            _ladders.clear()
        for row in rows:
            ladder = Ladder(steps=tuple(_steps_from(row["steps"])), options=_options_from(row["options"]))
            found[row["id"]] = _ladders[ctx.tenant_id, row["id"]] = ladder
    return {version_id: ladder for version_id, ladder in found.items() if ladder is not None}


async def steps_of(ctx: Context, version_ids: Iterable[str]) -> dict[str, Sequence[Step]]:
    """The steps of published or retired versions by version id."""
    return {version_id: ladder.steps for version_id, ladder in (await ladders_of(ctx, version_ids)).items()}


def plan_of(row: Any) -> ReminderPlan:
    """A plan from its row and those of its two versions that count."""
    return ReminderPlan(
        id=row["id"],
        external_id=row["external_id"],
        name=row["name"],
        is_default=row["is_default"],
        does_nothing=row["does_nothing"],
        rollout_percent=row["rollout_percent"],
        mode=row["mode"],
        paused_at=row["paused_at"],
        release=row["release"],
        state="published" if row["published_id"] else "draft",
        published_version=PlanVersion(
            id=row["published_id"],
            number=row["published_number"],
            state="published",
            steps=_steps_from(row["published_steps"]),
            options=_options_from(row["published_options"]),
            published_at=row["published_at"],
        )
        if row["published_id"]
        else None,
        draft_version=PlanVersion(
            id=row["draft_id"],
            number=row["draft_number"],
            state="draft",
            steps=_steps_from(row["draft_steps"]),
            options=_options_from(row["draft_options"]),
            published_at=None,
        )
        if row["draft_id"]
        else None,
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _steps_from(text: str) -> list[Step]:
    return [step_from(raw) for raw in msgspec.json.decode(text)]


def _options_from(text: str) -> PlanOptions:
    return options_from(msgspec.json.decode(text))
