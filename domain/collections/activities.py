"""Use cases of collection activities: what happened with a customer outside of the reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from domain.collections import store
from domain.collections.model import Activity, ActivityDraft, ActivityKind, ActivityOutcome
from domain.collections.rules import check_fields, in_utc
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.storage.transaction import reading, transaction


@use_case("activities:write")
async def record_activity(
    ctx: Context,
    *,
    customer_id: str,
    kind: ActivityKind,
    summary: str,
    receivable_id: str | None = None,
    outcome: ActivityOutcome | None = None,
    occurred_at: datetime | None = None,
) -> Activity:
    """Records a call, visit, letter, message or note; without a time it happened now."""
    check_fields({"kind": kind, "outcome": outcome, "summary": summary, "occurred_at": occurred_at})
    activity = Activity(
        id=new_id("act"),
        customer_id=customer_id,
        receivable_id=receivable_id,
        kind=kind,
        outcome=outcome,
        summary=summary,
        occurred_at=in_utc(occurred_at) or ctx.now(),
        recorded_by=ctx.actor.id,
        created_at=ctx.now(),
    )
    async with transaction(ctx):
        if receivable_id is not None:
            await store.customer_owing(ctx, receivable_id, customer_id)
        await store.add_activity(ctx, activity)
        emit(ctx, NewEvent("activity.recorded", activity.id, {"activity": activity}))
    return activity


async def note_activities(ctx: Context, drafts: Sequence[ActivityDraft]) -> None:
    """Records in the open transaction what customers did by themselves, such as answering a notice."""
    for draft in drafts:
        activity = Activity(id=new_id("act"), recorded_by=ctx.actor.id, created_at=ctx.now(), **asdict(draft))
        await store.add_activity(ctx, activity)
        emit(ctx, NewEvent("activity.recorded", activity.id, {"activity": activity}))


@use_case("activities:read")
async def get_activity(ctx: Context, activity_id: str) -> Activity:
    """One activity; raises NotFound."""
    async with reading(ctx):
        return await store.get_activity(ctx, activity_id)


@use_case("activities:read")
async def list_activities(
    ctx: Context, page: PageRequest, *, customer_id: str | None = None, receivable_id: str | None = None
) -> Page[Activity]:
    """Activities in the order of recording."""
    async with reading(ctx):
        rows = await store.page_of_activities(ctx, page, customer_id, receivable_id)
    return page_of(rows, page, lambda row: str(row["id"]), store.activity_of)
