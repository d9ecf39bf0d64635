"""/v1/holds."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.holds import HoldPatch, NewHold
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
from domain.collections import holds
from domain.collections.hold_model import Hold, HoldReason, HoldState

OfCustomer = Annotated[
    str | None, QueryParameter(max_length=40, description="Only this customer's, those on its receivables as well.")
]
OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only those on this receivable.")]
Reason = Annotated[HoldReason | None, QueryParameter(description="Only those for this reason.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[HoldState | None, QueryParameter(name="state", description="Only those in this state.")]


@post("/holds", use_case=holds.place_hold, operation_id="PlaceHold")
async def place_hold(request: Request[Any, Any, Any], data: JSONBody[NewHold]) -> Response[Hold]:
    """Stop reminding of a receivable, or of all a customer owes, for a while; nothing is skipped."""
    return created(await holds.place_hold(tenant_context(request), **given(data)))


@get("/holds", use_case=holds.list_holds, operation_id="ListHolds")
async def list_holds(
    request: Request[Any, Any, Any],
    customer_id: OfCustomer = None,
    receivable_id: OfReceivable = None,
    reason: Reason = None,
    in_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Hold]]:
    """List holds, oldest first, those that match every given filter."""
    page = await holds.list_holds(
        tenant_context(request),
        page_request(request, limit, cursor),
        customer_id=customer_id,
        receivable_id=receivable_id,
        reason=reason,
        state=in_state,
    )
    return listing(request, page)


@get("/holds/{hold_id:str}", use_case=holds.get_hold, operation_id="GetHold")
async def get_hold(request: Request[Any, Any, Any], hold_id: FromPath[str]) -> Response[Hold]:
    """Read a hold."""
    return with_etag(await holds.get_hold(tenant_context(request), hold_id))


@patch("/holds/{hold_id:str}", use_case=holds.update_hold, operation_id="UpdateHold")
async def update_hold(
    request: Request[Any, Any, Any], hold_id: FromPath[str], data: JSONBody[HoldPatch]
) -> Response[Hold]:
    """Change the last day or the note of an active hold."""
    changed = await holds.update_hold(
        tenant_context(request), hold_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post("/holds/{hold_id:str}/release", use_case=holds.release_hold, operation_id="ReleaseHold", status_code=200)
async def release_hold(request: Request[Any, Any, Any], hold_id: FromPath[str]) -> Response[Hold]:
    """End a hold now; what fell due meanwhile is decided at once."""
    version = expected_version(request)
    return with_etag(await holds.release_hold(tenant_context(request), hold_id, expected_version=version))


ROUTES = [place_hold, list_holds, get_hold, update_hold, release_hold]
