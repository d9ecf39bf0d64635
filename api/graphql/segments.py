"""Segments in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.segments import NewSegment, SegmentPatch
from domain.segments import model as domain
from domain.segments import segments as uses

CreateSegmentInput = input_type(NewSegment, "CreateSegmentInput")
UpdateSegmentInput = input_type(SegmentPatch, "UpdateSegmentInput")


@graph_type(domain.Segment)
class Segment:
    """A question about customers, kept under a name."""


@graph_type(domain.SegmentCount)
class SegmentCount:
    """How many customers a segment has now."""


@strawberry.type
class SegmentQuery:
    """Reading segments."""

    @door(uses.get_segment, Segment)
    async def segment(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One segment."""
        return await uses.get_segment(info.context.tenant, id)

    @door(uses.list_segments, Connection[Segment])
    async def segments(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Segments, oldest first."""
        name = "segments"
        return connection(await uses.list_segments(info.context.tenant, page_request(first, after, name)), name, after)

    @door(uses.count_segment, SegmentCount)
    async def segment_count(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """How many customers are in a segment at this moment."""
        return await uses.count_segment(info.context.tenant, id)


@strawberry.type
class SegmentMutation:
    """Writing segments."""

    @door(uses.create_segment, Segment)
    async def create_segment(self, info: GraphInfo, input: CreateSegmentInput) -> Any:
        """Keep a question about customers under a name."""
        return await uses.create_segment(info.context.tenant, **given(from_input(NewSegment, input)))

    @door(uses.update_segment, Segment)
    async def update_segment(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateSegmentInput, expected_version: int | None = None
    ) -> Any:
        """Change a segment; running cases keep the plan that it chose for them."""
        changes = given(from_input(SegmentPatch, input))
        return await uses.update_segment(info.context.tenant, id, changes, expected_version=expected_version)

    @door(uses.delete_segment, strawberry.ID)
    async def delete_segment(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Remove a segment that no plan assignment names; answers its id."""
        await uses.delete_segment(info.context.tenant, id, expected_version=expected_version)
        return id


NODES = {"seg": uses.get_segment}
QUERIES = SegmentQuery
MUTATIONS = SegmentMutation
