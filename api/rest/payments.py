"""/v1/payments."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.payments import NewPayment, received
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, created, listing, page_request, with_etag
from domain.ledger import payments
from domain.ledger.model import Payment

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]


@post("/payments", use_case=payments.record_payment, operation_id="RecordPayment")
async def record_payment(request: Request[Any, Any, Any], data: JSONBody[NewPayment]) -> Response[Payment]:
    """Record money received and settle receivables with it."""
    return created(await payments.record_payment(tenant_context(request), **received(data)))


@get("/payments", use_case=payments.list_payments, operation_id="ListPayments")
async def list_payments(
    request: Request[Any, Any, Any], customer_id: OfCustomer = None, limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Payment]]:
    """List payments, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await payments.list_payments(tenant_context(request), page, customer_id=customer_id))


@get("/payments/{payment_id:str}", use_case=payments.get_payment, operation_id="GetPayment")
async def get_payment(request: Request[Any, Any, Any], payment_id: FromPath[str]) -> Response[Payment]:
    """Read a payment and its allocations."""
    return with_etag(await payments.get_payment(tenant_context(request), payment_id))


@get(
    "/payments/external/{external_id:str}",
    use_case=payments.get_payment_by_external_id,
    operation_id="GetPaymentByExternalId",
)
async def get_payment_by_external_id(request: Request[Any, Any, Any], external_id: FromPath[str]) -> Response[Payment]:
    """Read a payment by your own id."""
    return with_etag(await payments.get_payment_by_external_id(tenant_context(request), external_id))


ROUTES = [record_payment, list_payments, get_payment, get_payment_by_external_id]
