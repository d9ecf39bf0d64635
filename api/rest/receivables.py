"""/v1/receivables."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.deliveries import DeliveryIn, delivery_of
from api.inputs.receivables import (
    NewReceivable,
    NewReceivableInParts,
    ReceivableFields,
    ReceivablePatch,
    changes,
    terms,
)
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
from api.rest.external_ids import external_id_of
from domain.ledger import delivering, in_parts, receivables
from domain.ledger.model import Entry, Receivable, ReceivableFilter, ReceivableStatus

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
Status = Annotated[ReceivableStatus | None, QueryParameter(description="Only those in this status.")]
Overdue = Annotated[
    bool | None, QueryParameter(description="Only those that are overdue today, or only those that are not.")
]
DueFrom = Annotated[date | None, QueryParameter(description="Only those due on this day or later.")]
OrderReference = Annotated[str | None, QueryParameter(max_length=200, description="Only those of this order.")]
ContractReference = Annotated[str | None, QueryParameter(max_length=200, description="Only those of this contract.")]
OfGroup = Annotated[str | None, QueryParameter(max_length=40, description="Only the parts of this invoice.")]
DueTo = Annotated[date | None, QueryParameter(description="Only those due on this day or earlier.")]


@post("/receivables", use_case=receivables.create_receivable, operation_id="CreateReceivable")
async def create_receivable(request: Request[Any, Any, Any], data: JSONBody[NewReceivable]) -> Response[Receivable]:
    """Register an amount that a customer owes."""
    return created(await receivables.create_receivable(tenant_context(request), **terms(data)))


@post("/receivables/in-parts", use_case=in_parts.create_receivables_in_parts, operation_id="CreateReceivablesInParts")
async def create_receivables_in_parts(
    request: Request[Any, Any, Any], data: JSONBody[NewReceivableInParts]
) -> Response[in_parts.ReceivableParts]:
    """Register an invoice that is due in several parts, a receivable for each."""
    return created(await in_parts.create_receivables_in_parts(tenant_context(request), **terms(data)))


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
    group_id: OfGroup = None,
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
        group_id=group_id,
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
    "/receivables/external/{external_id:path}",
    use_case=receivables.get_receivable_by_external_id,
    operation_id="GetReceivableByExternalId",
)
async def get_receivable_by_external_id(
    request: Request[Any, Any, Any], external_id: FromPath[str]
) -> Response[Receivable]:
    """Read a receivable by your own id."""
    return with_etag(await receivables.get_receivable_by_external_id(tenant_context(request), external_id_of(request)))


@put("/receivables/external/{external_id:path}", use_case=receivables.put_receivable, operation_id="PutReceivable")
async def put_receivable(
    request: Request[Any, Any, Any], external_id: FromPath[str], data: JSONBody[ReceivableFields]
) -> Response[Receivable]:
    """Create or replace the receivable with your own id; another amount becomes a correction."""
    receivable = await receivables.put_receivable(
        tenant_context(request), external_id_of(request), **terms(data), expected_version=expected_version(request)
    )
    return with_etag(receivable)


@put("/receivables/{receivable_id:str}/delivery", use_case=delivering.record_delivery, operation_id="RecordDelivery")
async def record_delivery(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[DeliveryIn]
) -> Response[Receivable]:
    """Record when and how an invoice, or what it is for, reached the customer; payment terms may count from it."""
    changed = await delivering.record_delivery(
        tenant_context(request), receivable_id, delivery_of(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@get("/receivables/{receivable_id:str}/entries", use_case=receivables.list_entries, operation_id="ListEntries")
async def list_entries(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Entry]]:
    """List every movement on a receivable, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await receivables.list_entries(tenant_context(request), receivable_id, page))


ROUTES = [
    create_receivable,
    create_receivables_in_parts,
    list_receivables,
    get_receivable,
    update_receivable,
    get_receivable_by_external_id,
    put_receivable,
    record_delivery,
    list_entries,
]
