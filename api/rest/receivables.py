"""/v1/receivables."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.receivables import NewReceivable, ReceivableFields, ReceivablePatch, changes, terms
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
from domain.ledger import receivables
from domain.ledger.model import Entry, Receivable, ReceivableFilter, ReceivableStatus

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
Status = Annotated[ReceivableStatus | None, QueryParameter(description="Only those in this status.")]
Overdue = Annotated[
    bool | None, QueryParameter(description="Only those that are overdue today, or only those that are not.")
]
DueFrom = Annotated[date | None, QueryParameter(description="Only those due on this day or later.")]
OrderReference = Annotated[str | None, QueryParameter(max_length=200, description="Only those of this order.")]
ContractReference = Annotated[str | None, QueryParameter(max_length=200, description="Only those of this contract.")]
DueTo = Annotated[date | None, QueryParameter(description="Only those due on this day or earlier.")]


@post("/receivables", use_case=receivables.create_receivable, operation_id="CreateReceivable")
async def create_receivable(request: Request[Any, Any, Any], data: JSONBody[NewReceivable]) -> Response[Receivable]:
    """Register an amount that a customer owes."""
    return created(await receivables.create_receivable(tenant_context(request), **terms(data)))


@get("/receivables", use_case=receivables.list_receivables, operation_id="ListReceivables")
async def list_receivables(
    request: Request[Any, Any, Any],
    customer_id: OfCustomer = None,
    status: Status = None,
    overdue: Overdue = None,
    due_from: DueFrom = None,
    due_to: DueTo = None,
    order_reference: OrderReference = None,
    contract_reference: ContractReference = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Receivable]]:
    """List receivables, oldest first."""
    wanted = ReceivableFilter(
        customer_id=customer_id,
        status=status,
        overdue=overdue,
        due_from=due_from,
        due_to=due_to,
        order_reference=order_reference,
        contract_reference=contract_reference,
    )
    page = page_request(request, limit, cursor)
    return listing(request, await receivables.list_receivables(tenant_context(request), page, wanted))


@get("/receivables/{receivable_id:str}", use_case=receivables.get_receivable, operation_id="GetReceivable")
async def get_receivable(request: Request[Any, Any, Any], receivable_id: FromPath[str]) -> Response[Receivable]:
    """Read a receivable."""
    return with_etag(await receivables.get_receivable(tenant_context(request), receivable_id))


@patch("/receivables/{receivable_id:str}", use_case=receivables.update_receivable, operation_id="UpdateReceivable")
async def update_receivable(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[ReceivablePatch]
) -> Response[Receivable]:
    """Change a receivable's number, references, due date, payment terms or metadata."""
    changed = await receivables.update_receivable(
        tenant_context(request), receivable_id, changes(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@get(
    "/receivables/external/{external_id:str}",
    use_case=receivables.get_receivable_by_external_id,
    operation_id="GetReceivableByExternalId",
)
async def get_receivable_by_external_id(
    request: Request[Any, Any, Any], external_id: FromPath[str]
) -> Response[Receivable]:
    """Read a receivable by your own id."""
    return with_etag(await receivables.get_receivable_by_external_id(tenant_context(request), external_id))


@put("/receivables/external/{external_id:str}", use_case=receivables.put_receivable, operation_id="PutReceivable")
async def put_receivable(
    request: Request[Any, Any, Any], external_id: FromPath[str], data: JSONBody[ReceivableFields]
) -> Response[Receivable]:
    """Create or replace the receivable with your own id; another amount becomes a correction."""
    receivable = await receivables.put_receivable(
        tenant_context(request), external_id, **terms(data), expected_version=expected_version(request)
    )
    return with_etag(receivable)


@get("/receivables/{receivable_id:str}/entries", use_case=receivables.list_entries, operation_id="ListEntries")
async def list_entries(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Entry]]:
    """List every movement on a receivable, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await receivables.list_entries(tenant_context(request), receivable_id, page))


ROUTES = [
    create_receivable,
    list_receivables,
    get_receivable,
    update_receivable,
    get_receivable_by_external_id,
    put_receivable,
    list_entries,
]
