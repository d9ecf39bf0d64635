"""/v1/activities."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.activities import NewActivity
from api.inputs.fields import given
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, created, listing, page_request
from domain.collections import activities
from domain.collections.model import Activity

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only this receivable's.")]


@post("/activities", use_case=activities.record_activity, operation_id="RecordActivity")
async def record_activity(request: Request[Any, Any, Any], data: JSONBody[NewActivity]) -> Response[Activity]:
    """Record a call, visit, letter, message or note."""
    return created(await activities.record_activity(tenant_context(request), **given(data)))


@get("/activities", use_case=activities.list_activities, operation_id="ListActivities")
async def list_activities(
    request: Request[Any, Any, Any],
    customer_id: OfCustomer = None,
    receivable_id: OfReceivable = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Activity]]:
    """List activities in the order of recording."""
    found = await activities.list_activities(
        tenant_context(request),
        page_request(request, limit, cursor),
        customer_id=customer_id,
        receivable_id=receivable_id,
    )
    return listing(request, found)


@get("/activities/{activity_id:str}", use_case=activities.get_activity, operation_id="GetActivity")
async def get_activity(request: Request[Any, Any, Any], activity_id: FromPath[str]) -> Activity:
    """Read an activity."""
    return await activities.get_activity(tenant_context(request), activity_id)


ROUTES = [record_activity, list_activities, get_activity]
