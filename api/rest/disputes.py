"""/v1/disputes, opened on receivables."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.disputes import DisputePatch, DisputeResolution, NewDispute, opened, resolved
from api.inputs.fields import given
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
from domain.ledger import disputes
from domain.ledger.dispute_model import Dispute, DisputeState

OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only this receivable's.")]
OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[DisputeState | None, QueryParameter(name="state", description="Only those in this state.")]


@post("/receivables/{receivable_id:str}/disputes", use_case=disputes.open_dispute, operation_id="OpenDispute")
async def open_dispute(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[NewDispute]
) -> Response[Dispute]:
    """The customer contests an amount; only that amount leaves dunning."""
    return created(await disputes.open_dispute(tenant_context(request), receivable_id, **opened(data)))


@get("/disputes", use_case=disputes.list_disputes, operation_id="ListDisputes")
async def list_disputes(
    request: Request[Any, Any, Any],
    receivable_id: OfReceivable = None,
    customer_id: OfCustomer = None,
    wanted_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Dispute]]:
    """List disputes, oldest first, those that match every given filter."""
    page = await disputes.list_disputes(
        tenant_context(request),
        page_request(request, limit, cursor),
        receivable_id=receivable_id,
        customer_id=customer_id,
        state=wanted_state,
    )
    return listing(request, page)


@get("/disputes/{dispute_id:str}", use_case=disputes.get_dispute, operation_id="GetDispute")
async def get_dispute(request: Request[Any, Any, Any], dispute_id: FromPath[str]) -> Response[Dispute]:
    """Read a dispute."""
    return with_etag(await disputes.get_dispute(tenant_context(request), dispute_id))


@patch("/disputes/{dispute_id:str}", use_case=disputes.update_dispute, operation_id="UpdateDispute")
async def update_dispute(
    request: Request[Any, Any, Any], dispute_id: FromPath[str], data: JSONBody[DisputePatch]
) -> Response[Dispute]:
    """Say who looks after an unresolved dispute, and that it is being investigated."""
    changed = await disputes.update_dispute(
        tenant_context(request), dispute_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/disputes/{dispute_id:str}/resolve",
    use_case=disputes.resolve_dispute,
    operation_id="ResolveDispute",
    status_code=200,
)
async def resolve_dispute(
    request: Request[Any, Any, Any], dispute_id: FromPath[str], data: JSONBody[DisputeResolution]
) -> Response[Dispute]:
    """End a dispute; what was accepted may be credited at once, which needs credit_notes:write too."""
    ended = await disputes.resolve_dispute(
        tenant_context(request), dispute_id, **resolved(data), expected_version=expected_version(request)
    )
    return with_etag(ended)


ROUTES = [open_dispute, list_disputes, get_dispute, update_dispute, resolve_dispute]
