"""Use cases of plan assignments: which customers get which plan by rule, and in which order the rules are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.dunning import plan_assignment_store as store
from domain.dunning.assigning_model import PlanAssignment, PlanReevaluation
from domain.dunning.opening import wait_for_turn
from domain.dunning.published import check_plan
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, transaction

MOST_ASSIGNMENTS = 50
"""All of them are asked in one statement for each batch of receivables."""
LAST_PRIORITY = 1_000_000


@use_case("plans:write")
async def create_plan_assignment(ctx: Context, *, segment_id: str, plan_id: str, priority: int) -> PlanAssignment:
    """Has customers of a segment get a plan, in cases that are opened from now on. A draft plan applies once it is published.

    Raises Conflict (`priority_taken`, `too_many_plan_assignments`), InvalidInput (`unknown_segment`, `unknown_plan`,
    `priority_out_of_range`).
    """
    _check_priority(priority)
    assignment = PlanAssignment(
        id=new_id("pas"),
        segment_id=segment_id,
        plan_id=plan_id,
        priority=priority,
        version=1,
        created_at=ctx.now(),
        updated_at=ctx.now(),
    )
    async with transaction(ctx):
        await wait_for_turn(ctx)
        if await store.count(ctx) >= MOST_ASSIGNMENTS:
            raise Conflict(
                "too_many_plan_assignments", f"There are {MOST_ASSIGNMENTS} plan assignments, which is the most."
            )
        await check_plan(ctx, plan_id, may_be_draft=True)
        await store.add(ctx, assignment)
        emit(ctx, _event("created", assignment))
    return assignment


@use_case("plans:write")
async def update_plan_assignment(
    ctx: Context, assignment_id: str, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> PlanAssignment:
    """Changes segment, plan and priority, for cases that are opened from now on; raises as creating does."""
    if "priority" in changes:
        _check_priority(changes["priority"])
    async with transaction(ctx):
        await wait_for_turn(ctx)
        assignment = await store.get(ctx, assignment_id, lock=True)
        expect(assignment.version, expected_version)
        changed = replace(assignment, **changes)
        if changed == assignment:
            return assignment
        await check_plan(ctx, changed.plan_id, may_be_draft=True)
        changed = replace(changed, version=assignment.version + 1, updated_at=ctx.now())
        await store.save(ctx, changed)
        emit(ctx, _event("updated", changed))
    return changed


@use_case("plans:write")
async def delete_plan_assignment(ctx: Context, assignment_id: str, *, expected_version: int | None = None) -> None:
    """Removes a rule; raises NotFound. Cases keep the plan that it chose for them."""
    async with transaction(ctx):
        await wait_for_turn(ctx)
        assignment = await store.get(ctx, assignment_id, lock=True)
        expect(assignment.version, expected_version)
        await store.delete(ctx, assignment_id)
        emit(ctx, _event("deleted", assignment))


@use_case("plans:write")
async def apply_plan_assignments(ctx: Context) -> PlanReevaluation:
    """Has workers look at every open receivable: cases that have not acted get the plan that applies now, and missing ones are opened.

    Cases that have acted keep their plan. The workers read the rules when they come to it, not as they are now.
    """
    async with transaction(ctx):
        request = PlanReevaluation(requested_at=ctx.now(), assignment_count=await store.count(ctx))
        emit(ctx, NewEvent("plan_assignments.apply_requested", ctx.tenant_id, {"plan_reevaluation": request}))
    return request


@use_case("plans:read")
async def get_plan_assignment(ctx: Context, assignment_id: str) -> PlanAssignment:
    """One assignment; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, assignment_id)


@use_case("plans:read")
async def list_plan_assignments(ctx: Context, page: PageRequest) -> Page[PlanAssignment]:
    """Assignments in the order in which they are asked."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["priority"]), store.assignment_of)


def _check_priority(priority: int) -> None:
    if not 1 <= priority <= LAST_PRIORITY:
        raise InvalidInput.at("/priority", "priority_out_of_range", f"A priority is 1 to {LAST_PRIORITY}.")


def _event(what: str, assignment: PlanAssignment) -> NewEvent:
    return NewEvent(f"plan_assignment.{what}", assignment.id, {"plan_assignment": assignment})
