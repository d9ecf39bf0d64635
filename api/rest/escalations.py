"""/v1/escalations."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from api.authentication import tenant_context
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, listing, page_request
from domain.collections import escalations
from domain.collections.model import Escalation

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only this receivable's.")]
OfCase = Annotated[str | None, QueryParameter(max_length=40, description="Only this case's.")]


@get("/escalations", use_case=escalations.list_escalations, operation_id="ListEscalations")
async def list_escalations(
    request: Request[Any, Any, Any],
    customer_id: OfCustomer = None,
    receivable_id: OfReceivable = None,
    case_id: OfCase = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Escalation]]:
    """List escalations in the order in which they were raised."""
    found = await escalations.list_escalations(
        tenant_context(request),
        page_request(request, limit, cursor),
        customer_id=customer_id,
        receivable_id=receivable_id,
        case_id=case_id,
    )
    return listing(request, found)


@get("/escalations/{escalation_id:str}", use_case=escalations.get_escalation, operation_id="GetEscalation")
async def get_escalation(request: Request[Any, Any, Any], escalation_id: FromPath[str]) -> Escalation:
    """Read an escalation."""
    return await escalations.get_escalation(tenant_context(request), escalation_id)


ROUTES = [list_escalations, get_escalation]
