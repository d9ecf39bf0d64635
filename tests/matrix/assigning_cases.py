"""Calls of segments, and of what says which reminder plan applies."""

from __future__ import annotations

from domain.segments.segments import create_segment
from tests.matrix.registry import Victim, one, plain

IS_C = {"field": "grade", "op": "eq", "value": "C"}


async def _segment(v: Victim) -> str:
    return (await create_segment(v.ctx, name="Hushed segment", predicate=IS_C)).id


plain("create_segment", body={"name": "New", "predicate": IS_C})
plain("list_segments")
one(_segment, "segment_id", "get_segment", "delete_segment", "count_segment")
one(_segment, "segment_id", "update_segment", body={"name": "Changed"})
