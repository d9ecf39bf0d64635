"""/v1/segments."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.segments import NewSegment, SegmentPatch
from api.rest.answers import (
    DEFAULT,
    Cursor,
    Limit,
    Listing,
    created,
    expected_version,
    listing,
    page_request,
    with_etag,
)
from domain.segments import segments
from domain.segments.model import Segment, SegmentCount


@post("/segments", use_case=segments.create_segment, operation_id="CreateSegment")
async def create_segment(request: Request[Any, Any, Any], data: JSONBody[NewSegment]) -> Response[Segment]:
    """Keep a question about customers under a name; who is in the segment is asked anew each time.

    Fields: grade, tags, locale, time_zone, name, external_id, owner_id, created_on, open_amount, overdue_amount,
    oldest_days_overdue and metadata.<key>.
    """
    return created(await segments.create_segment(tenant_context(request), **given(data)))


@get("/segments", use_case=segments.list_segments, operation_id="ListSegments")
async def list_segments(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Segment]]:
    """List segments, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await segments.list_segments(tenant_context(request), page))


@get("/segments/{segment_id:str}", use_case=segments.get_segment, operation_id="GetSegment")
async def get_segment(request: Request[Any, Any, Any], segment_id: FromPath[str]) -> Response[Segment]:
    """Read a segment."""
    return with_etag(await segments.get_segment(tenant_context(request), segment_id))


@patch("/segments/{segment_id:str}", use_case=segments.update_segment, operation_id="UpdateSegment")
async def update_segment(
    request: Request[Any, Any, Any], segment_id: FromPath[str], data: JSONBody[SegmentPatch]
) -> Response[Segment]:
    """Change a segment; running cases keep the plan that it chose for them."""
    changed = await segments.update_segment(
        tenant_context(request), segment_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@delete("/segments/{segment_id:str}", use_case=segments.delete_segment, operation_id="DeleteSegment")
async def delete_segment(request: Request[Any, Any, Any], segment_id: FromPath[str]) -> None:
    """Remove a segment that no plan assignment names."""
    await segments.delete_segment(tenant_context(request), segment_id, expected_version=expected_version(request))


@get("/segments/{segment_id:str}/count", use_case=segments.count_segment, operation_id="CountSegment")
async def count_segment(request: Request[Any, Any, Any], segment_id: FromPath[str]) -> SegmentCount:
    """Count the customers that are in a segment at this moment."""
    return await segments.count_segment(tenant_context(request), segment_id)


ROUTES = [create_segment, list_segments, get_segment, update_segment, delete_segment, count_segment]
