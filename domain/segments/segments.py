"""Use cases of segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.predicate import as_json
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.segments import store
from domain.segments.matching import count_matching
from domain.segments.model import Segment, SegmentCount
from domain.segments.rules.fields import parse, stored
from domain.storage.transaction import reading, transaction


@use_case("segments:write")
async def create_segment(ctx: Context, *, name: str, predicate: Mapping[str, Any]) -> Segment:
    """Keeps a question about customers under a name; raises InvalidInput with a pointer to each wrong place of the predicate."""
    _check_name(name)
    segment = Segment(
        id=new_id("seg"),
        name=name,
        predicate=as_json(parse(predicate)),
        version=1,
        created_at=ctx.now(),
        updated_at=ctx.now(),
    )
    async with transaction(ctx):
        await store.add(ctx, segment)
        emit(ctx, _event("created", segment))
    return segment


@use_case("segments:write")
async def update_segment(
    ctx: Context, segment_id: str, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Segment:
    """Changes name and predicate. Reminder plans that it chooses are chosen so from now on; running cases keep theirs."""
    told = dict(changes)
    if "name" in told:
        _check_name(told["name"])
    if "predicate" in told:
        told["predicate"] = as_json(parse(told["predicate"]))
    async with transaction(ctx):
        segment = await store.get(ctx, segment_id, lock=True)
        expect(segment.version, expected_version)
        changed = replace(segment, **told)
        if changed == segment:
            return segment
        changed = replace(changed, version=segment.version + 1, updated_at=ctx.now())
        await store.save(ctx, changed)
        emit(ctx, _event("updated", changed))
    return changed


@use_case("segments:write")
async def delete_segment(ctx: Context, segment_id: str, *, expected_version: int | None = None) -> None:
    """Removes a segment; raises Conflict (`segment_in_use`) while a plan assignment names it."""
    async with transaction(ctx):
        segment = await store.get(ctx, segment_id, lock=True)
        expect(segment.version, expected_version)
        await store.delete(ctx, segment_id)
        emit(ctx, _event("deleted", segment))


@use_case("segments:read")
async def get_segment(ctx: Context, segment_id: str) -> Segment:
    """One segment; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, segment_id)


@use_case("segments:read")
async def list_segments(ctx: Context, page: PageRequest) -> Page[Segment]:
    """Segments in the order of their creation."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.segment_of)


@use_case("segments:read")
async def count_segment(ctx: Context, segment_id: str) -> SegmentCount:
    """How many customers are in a segment at this moment; raises NotFound."""
    async with reading(ctx):
        segment = await store.get(ctx, segment_id)
        count = await count_matching(ctx, stored(segment.predicate))
    return SegmentCount(segment_id=segment_id, customer_count=count)


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= 200:
        raise InvalidInput.at("/name", "malformed_name", "A name has 1 to 200 characters.")


def _event(what: str, segment: Segment) -> NewEvent:
    return NewEvent(f"segment.{what}", segment.id, {"segment": segment})
