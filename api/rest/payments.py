"""/v1/payments."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.payments import (
    AllocationRequest,
    NewPayment,
    NewRefund,
    PaymentReversalRequest,
    allocated,
    received,
    refunded,
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
from domain.ledger import payment_changes, payments
from domain.ledger.model import Payment, Refund

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
    "/payments/external/{external_id:path}",
    use_case=payments.get_payment_by_external_id,
    operation_id="GetPaymentByExternalId",
)
async def get_payment_by_external_id(request: Request[Any, Any, Any], external_id: FromPath[str]) -> Response[Payment]:
    """Read a payment by your own id."""
    return with_etag(await payments.get_payment_by_external_id(tenant_context(request), external_id_of(request)))


@post(
    "/payments/{payment_id:str}/allocations",
    use_case=payment_changes.allocate_payment,
    operation_id="AllocatePayment",
    status_code=200,
)
async def allocate_payment(
    request: Request[Any, Any, Any], payment_id: FromPath[str], data: JSONBody[AllocationRequest]
) -> Response[Payment]:
    """Settle receivables with what is still unapplied of a payment."""
    changed = await payment_changes.allocate_payment(
        tenant_context(request), payment_id, **allocated(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@delete(
    "/payments/{payment_id:str}/allocations/{allocation_id:str}",
    use_case=payment_changes.remove_allocation,
    operation_id="RemoveAllocation",
    status_code=200,
)
async def remove_allocation(
    request: Request[Any, Any, Any], payment_id: FromPath[str], allocation_id: FromPath[str]
) -> Response[Payment]:
    """Take an allocation back; the money becomes unapplied."""
    changed = await payment_changes.remove_allocation(
        tenant_context(request), payment_id, allocation_id, expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/payments/{payment_id:str}/reverse",
    use_case=payment_changes.reverse_payment,
    operation_id="ReversePayment",
    status_code=200,
)
async def reverse_payment(
    request: Request[Any, Any, Any], payment_id: FromPath[str], data: JSONBody[PaymentReversalRequest]
) -> Response[Payment]:
    """Take a payment back that bounced, was charged back or was a mistake; what it settled is open again."""
    changed = await payment_changes.reverse_payment(
        tenant_context(request), payment_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post("/payments/{payment_id:str}/refunds", use_case=payment_changes.refund_payment, operation_id="RefundPayment")
async def refund_payment(
    request: Request[Any, Any, Any], payment_id: FromPath[str], data: JSONBody[NewRefund]
) -> Response[Refund]:
    """Record that unapplied money was given back."""
    made = await payment_changes.refund_payment(
        tenant_context(request), payment_id, **refunded(data), expected_version=expected_version(request)
    )
    return created(made)


@get("/payments/{payment_id:str}/refunds", use_case=payment_changes.list_refunds, operation_id="ListRefunds")
async def list_refunds(
    request: Request[Any, Any, Any], payment_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Refund]]:
    """List what was given back of a payment, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await payment_changes.list_refunds(tenant_context(request), payment_id, page))


ROUTES = [
    record_payment,
    list_payments,
    get_payment,
    get_payment_by_external_id,
    allocate_payment,
    remove_allocation,
    reverse_payment,
    refund_payment,
    list_refunds,
]
