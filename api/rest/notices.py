"""/v1/notices."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.notices import ReceiptsIn, told
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, listing, page_request, with_etag
from domain.messaging import notices, receipts
from domain.messaging.model import Delivery, Notice, NoticeState
from domain.messaging.receipt_model import IgnoredReceipts, NoticeReceipt

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only this receivable's.")]
OfCase = Annotated[str | None, QueryParameter(max_length=40, description="Only this case's.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[NoticeState | None, QueryParameter(name="state", description="Only those in this state.")]


@get("/notices", use_case=notices.list_notices, operation_id="ListNotices")
async def list_notices(
    request: Request[Any, Any, Any],
    customer_id: OfCustomer = None,
    receivable_id: OfReceivable = None,
    case_id: OfCase = None,
    in_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Notice]]:
    """List notices, oldest first."""
    found = await notices.list_notices(
        tenant_context(request),
        page_request(request, limit, cursor),
        customer_id=customer_id,
        receivable_id=receivable_id,
        case_id=case_id,
        state=in_state,
    )
    return listing(request, found)


@get("/notices/{notice_id:str}", use_case=notices.get_notice, operation_id="GetNotice")
async def get_notice(request: Request[Any, Any, Any], notice_id: FromPath[str]) -> Response[Notice]:
    """Read a notice: its text, and what became of it."""
    return with_etag(await notices.get_notice(tenant_context(request), notice_id))


@get("/notices/{notice_id:str}/deliveries", use_case=notices.list_deliveries, operation_id="ListDeliveries")
async def list_deliveries(
    request: Request[Any, Any, Any], notice_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Delivery]]:
    """List the attempts to send a notice, first to last."""
    page = page_request(request, limit, cursor)
    return listing(request, await notices.list_deliveries(tenant_context(request), notice_id, page))


@get("/notices/{notice_id:str}/receipts", use_case=receipts.list_receipts, operation_id="ListReceipts")
async def list_receipts(
    request: Request[Any, Any, Any], notice_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[NoticeReceipt]]:
    """List what providers, mailboxes and integrators told of a notice, in the order in which it was heard."""
    page = page_request(request, limit, cursor)
    return listing(request, await receipts.list_receipts(tenant_context(request), notice_id, page))


@post(
    "/notices/{notice_id:str}/receipts",
    use_case=receipts.report_receipts,
    operation_id="ReportReceipts",
    status_code=200,
)
async def report_receipts(
    request: Request[Any, Any, Any], notice_id: FromPath[str], data: JSONBody[ReceiptsIn]
) -> Response[Notice]:
    """Tell what became of a notice that an integrator sent by itself; the same again changes nothing."""
    return with_etag(await receipts.report_receipts(tenant_context(request), notice_id, told(data)))


@get("/ignored-receipts", use_case=receipts.list_ignored_receipts, operation_id="ListIgnoredReceipts")
async def list_ignored_receipts(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[IgnoredReceipts]]:
    """List how many receipts belonged to no notice, by channel account, kind and reason."""
    page = page_request(request, limit, cursor)
    return listing(request, await receipts.list_ignored_receipts(tenant_context(request), page))


ROUTES = [list_notices, get_notice, list_deliveries, list_receipts, report_receipts, list_ignored_receipts]
