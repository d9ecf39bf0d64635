"""Use cases of holds: what is not reminded of for a while, and the worker that ends holds when their last day is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from domain.collections import hold_store as store
from domain.collections.hold_model import Hold, HoldReason, HoldState
from domain.collections.hold_rules import end_of, expect_active
from domain.collections.rules import check_fields
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.doors import tenants_through
from domain.storage.transaction import reading, transaction


@use_case("holds:write")
async def place_hold(
    ctx: Context,
    *,
    reason: HoldReason,
    customer_id: str | None = None,
    receivable_id: str | None = None,
    note: str | None = None,
    until_on: date | None = None,
) -> Hold:
    """Stops reminding of a receivable, or of all a customer owes, through `until_on` or without end; nothing is skipped.

    Raises InvalidInput unless exactly one of the two is named (`one_of_customer_or_receivable`), NotFound.
    """
    check_fields({"note": note})
    if (customer_id is None) == (receivable_id is None):
        detail = "A hold is on a receivable or on a customer: name one of them."
        raise InvalidInput.at("/receivable_id", "one_of_customer_or_receivable", detail)
    async with transaction(ctx):
        target = await store.lock_target(ctx, customer_id, receivable_id)
        now = ctx.now()
        hold = Hold(
            id=new_id("hld"),
            customer_id=target.customer_id,
            receivable_id=receivable_id,
            reason=reason,
            note=note,
            until_on=until_on,
            ends_at=end_of(until_on, target.time_zone, now),
            state="active",
            placed_by=ctx.actor.id,
            released_by=None,
            ended_at=None,
            version=1,
            created_at=now,
            updated_at=now,
        )
        await store.add(ctx, hold)
        emit(ctx, _event("placed", hold))
    return hold


@use_case("holds:write")
async def update_hold(
    ctx: Context, hold_id: str, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Hold:
    """Changes the last day or the note of an active hold; raises Conflict for one that has ended."""
    check_fields({"note": changes.get("note")})
    async with transaction(ctx):
        hold, time_zone = await _load_active(ctx, hold_id, expected_version)
        changed = replace(hold, **changes)
        if changed == hold:
            return hold
        if changed.until_on != hold.until_on:
            changed = replace(changed, ends_at=end_of(changed.until_on, time_zone, ctx.now()))
        return await _save(ctx, changed, "updated")


@use_case("holds:write")
async def release_hold(ctx: Context, hold_id: str, *, expected_version: int | None = None) -> Hold:
    """Ends a hold now: what fell due meanwhile is decided at once. Raises Conflict for one that has ended."""
    async with transaction(ctx):
        hold, _ = await _load_active(ctx, hold_id, expected_version)
        ended = replace(hold, state="released", released_by=ctx.actor.id, ended_at=ctx.now())
        return await _save(ctx, ended, "released")


@use_case("holds:read")
async def get_hold(ctx: Context, hold_id: str) -> Hold:
    """One hold; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, hold_id)


@use_case("holds:read")
async def list_holds(
    ctx: Context,
    page: PageRequest,
    *,
    customer_id: str | None = None,
    receivable_id: str | None = None,
    reason: HoldReason | None = None,
    state: HoldState | None = None,
) -> Page[Hold]:
    """Holds in the order of placing, those that match every given filter; a customer's include those on its receivables."""
    filters = {"customer_id": customer_id, "receivable_id": receivable_id, "reason": reason, "state": state}
    async with reading(ctx):
        rows = await store.page(ctx, page, filters)
    return page_of(rows, page, lambda row: str(row["id"]), store.hold_of)


async def expire_holds(ctx: Context, limit: int = 200) -> int:
    """Ends up to `limit` holds whose last day is over; how many. Run by workers, never by a caller."""
    async with transaction(ctx):
        due = await store.ending(ctx, limit)
        now = ctx.now()
        expired = [
            replace(hold, state="expired", ended_at=now, version=hold.version + 1, updated_at=now) for hold in due
        ]
        await store.save(ctx, expired)
        emit(ctx, *[_event("expired", hold) for hold in expired])
    return len(expired)


async def tenants_with_ending_holds(at: datetime, most: int = 100) -> list[str]:
    """Tenants that have a hold whose last day is over at `at` (on a test clock: by that clock)."""
    return await tenants_through("door_tenants_with_ending_holds", at, most)


async def _load_active(ctx: Context, hold_id: str, expected_version: int | None) -> tuple[Hold, str]:
    """The hold, with what it is on locked, and where its customer lives."""
    found = await store.get(ctx, hold_id)
    target = await store.lock_target(ctx, found.customer_id, found.receivable_id)
    hold = await store.get(ctx, hold_id)
    expect(hold.version, expected_version)
    expect_active(hold)
    return hold, target.time_zone


async def _save(ctx: Context, changed: Hold, what: str) -> Hold:
    saved = replace(changed, version=changed.version + 1, updated_at=ctx.now())
    await store.save(ctx, [saved])
    emit(ctx, _event(what, saved))
    return saved


def _event(what: str, hold: Hold) -> NewEvent:
    return NewEvent(f"hold.{what}", hold.id, {"hold": hold})
