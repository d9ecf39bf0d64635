"""Plan assignments in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from asyncpg import ForeignKeyViolationError, UniqueViolationError

from domain.dunning.assigning_model import PlanAssignment
from domain.dunning.tables import PlanAssignmentRow
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.paging import PageRequest
from domain.storage.transaction import sql

_ASSIGNMENT = ", ".join(field.name for field in fields(PlanAssignment))


async def add(ctx: Context, assignment: PlanAssignment) -> None:
    """Stores a new assignment; raises Conflict (`priority_taken`), InvalidInput (`unknown_segment`)."""
    try:
        await PlanAssignmentRow.insert(PlanAssignmentRow(tenant_id=ctx.tenant_id, **_values(assignment)))
    except UniqueViolationError as taken:
        raise _priority_taken(assignment) from taken
    except ForeignKeyViolationError as missing:
        raise _unknown_segment(assignment) from missing


async def save(ctx: Context, assignment: PlanAssignment) -> None:
    """Replaces an assignment's row; raises as `add` does."""
    try:
        await PlanAssignmentRow.update(_values(assignment)).where(
            (PlanAssignmentRow.tenant_id == ctx.tenant_id) & (PlanAssignmentRow.id == assignment.id)
        )
    except UniqueViolationError as taken:
        raise _priority_taken(assignment) from taken
    except ForeignKeyViolationError as missing:
        raise _unknown_segment(assignment) from missing


async def delete(ctx: Context, assignment_id: str) -> None:
    """Removes an assignment."""
    await PlanAssignmentRow.delete().where(
        (PlanAssignmentRow.tenant_id == ctx.tenant_id) & (PlanAssignmentRow.id == assignment_id)
    )


async def get(ctx: Context, assignment_id: str, *, lock: bool = False) -> PlanAssignment:
    """One assignment; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_ASSIGNMENT} from plan_assignments where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        assignment_id,
    )
    if row is None:
        raise NotFound.of("plan_assignment", assignment_id)
    return assignment_of(row)


async def count(ctx: Context) -> int:
    """How many assignments the tenant has."""
    number: int = await sql(ctx).fetchval("select count(*) from plan_assignments where tenant_id = $1", ctx.tenant_id)
    return number


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of priority, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_ASSIGNMENT} from plan_assignments where tenant_id = $1 and priority > $2 order by priority limit $3",
        ctx.tenant_id,
        _priority_in(request.after),
        request.limit + 1,
    )


def assignment_of(row: Any) -> PlanAssignment:
    """An assignment from its row."""
    return PlanAssignment(**dict(row))


def _priority_in(key: str | None) -> int:
    if key is not None and not (key.isascii() and key.isdigit() and len(key) <= 7):
        raise InvalidInput.at("cursor", "malformed_cursor", "The cursor is not one that this API gave.")
    return int(key or 0)


def _values(assignment: PlanAssignment) -> dict[str, Any]:
    return {field.name: getattr(assignment, field.name) for field in fields(assignment)}


def _priority_taken(assignment: PlanAssignment) -> Conflict:
    return Conflict("priority_taken", f"Another plan assignment has the priority {assignment.priority}.")


def _unknown_segment(assignment: PlanAssignment) -> InvalidInput:
    return InvalidInput.at("/segment_id", "unknown_segment", f"There is no segment {assignment.segment_id!r}.")
