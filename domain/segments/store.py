"""Segments in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import msgspec
from asyncpg import ForeignKeyViolationError

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import PageRequest, as_json
from domain.segments.model import Segment
from domain.segments.tables import SegmentRow
from domain.storage.transaction import sql

_SEGMENT = ", ".join(field.name for field in fields(Segment))


async def add(ctx: Context, segment: Segment) -> None:
    """Stores a new segment."""
    await SegmentRow.insert(SegmentRow(tenant_id=ctx.tenant_id, **_values(segment)))


async def save(ctx: Context, segment: Segment) -> None:
    """Replaces a segment's row."""
    await SegmentRow.update(_values(segment)).where(
        (SegmentRow.tenant_id == ctx.tenant_id) & (SegmentRow.id == segment.id)
    )


async def delete(ctx: Context, segment_id: str) -> None:
    """Removes a segment; raises Conflict (`segment_in_use`) if something still asks for it."""
    try:
        await SegmentRow.delete().where((SegmentRow.tenant_id == ctx.tenant_id) & (SegmentRow.id == segment_id))
    except ForeignKeyViolationError as used:
        raise Conflict("segment_in_use", "The segment is still used, for example by a plan assignment.") from used


async def get(ctx: Context, segment_id: str, *, lock: bool = False) -> Segment:
    """One segment; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_SEGMENT} from segments where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        segment_id,
    )
    if row is None:
        raise NotFound.of("segment", segment_id)
    return segment_of(row)


async def by_ids(ctx: Context, ids: Sequence[str]) -> dict[str, Segment]:
    """Segments by id, those that exist."""
    rows = await sql(ctx).fetch(
        f"select {_SEGMENT} from segments where tenant_id = $1 and id = any($2)", ctx.tenant_id, list(ids)
    )
    return {row["id"]: segment_of(row) for row in rows}


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_SEGMENT} from segments where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


def segment_of(row: Any) -> Segment:
    """A segment from its row."""
    return Segment(**{**dict(row), "predicate": msgspec.json.decode(row["predicate"])})


def _values(segment: Segment) -> dict[str, Any]:
    values = {field.name: getattr(segment, field.name) for field in fields(segment)}
    return {**values, "predicate": as_json(segment.predicate)}
