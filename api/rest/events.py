"""/v1/events."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from api.authentication import tenant_context
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, listing, page_request
from domain.events import log
from domain.events.model import Event

After = Annotated[int, QueryParameter(ge=0, le=2**53, description="Only events with a greater `sequence`.")]
Type = Annotated[str | None, QueryParameter(max_length=100, description="Only events of this type.")]
ObjectId = Annotated[str | None, QueryParameter(max_length=40, description="Only events of this object.")]


@get("/events", use_case=log.list_events, operation_id="ListEvents")
async def list_events(
    request: Request[Any, Any, Any],
    after: After = 0,
    type: Type = None,
    object_id: ObjectId = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Event]]:
    """List events in the order of their numbers, which have no gaps."""
    page = page_request(request, limit, cursor)
    events = await log.list_events(tenant_context(request), page, after=after, type=type, object_id=object_id)
    return listing(request, events)


@get("/events/{event_id:str}", use_case=log.get_event, operation_id="GetEvent")
async def get_event(request: Request[Any, Any, Any], event_id: FromPath[str]) -> Event:
    """Read an event."""
    return await log.get_event(tenant_context(request), event_id)


ROUTES = [list_events, get_event]
