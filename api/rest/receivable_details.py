"""/v1/receivables/{id}/lines, /documents and /collection-schedule."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.receivable_details import LinesIn, NewDocument, ScheduleIn, lines_of, planned_of
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
from domain.ledger import collection_schedule, documents, lines
from domain.ledger.detail_model import CollectionSchedule, DocumentLink, Line
from domain.ledger.model import Receivable

IncludeRemoved = Annotated[bool, QueryParameter(description="Also those that were removed.")]


@put(
    "/receivables/{receivable_id:str}/lines",
    use_case=lines.replace_receivable_lines,
    operation_id="ReplaceReceivableLines",
)
async def replace_receivable_lines(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[LinesIn]
) -> Response[Receivable]:
    """Replace all lines of a receivable; with their tax they sum to its amount."""
    changed = await lines.replace_receivable_lines(
        tenant_context(request), receivable_id, lines_of(data.lines), expected_version=expected_version(request)
    )
    return with_etag(changed)


@get("/receivables/{receivable_id:str}/lines", use_case=lines.list_receivable_lines, operation_id="ListReceivableLines")
async def list_receivable_lines(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[Line]]:
    """List what the invoice was for."""
    page = page_request(request, limit, cursor)
    return listing(request, await lines.list_receivable_lines(tenant_context(request), receivable_id, page))


@post("/receivables/{receivable_id:str}/documents", use_case=documents.link_document, operation_id="LinkDocument")
async def link_document(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[NewDocument]
) -> Response[DocumentLink]:
    """Link a document that lies at an https address; it is never fetched."""
    return created(await documents.link_document(tenant_context(request), receivable_id, **given(data)))


@get("/receivables/{receivable_id:str}/documents", use_case=documents.list_documents, operation_id="ListDocuments")
async def list_documents(
    request: Request[Any, Any, Any],
    receivable_id: FromPath[str],
    include_removed: IncludeRemoved = False,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[DocumentLink]]:
    """List the documents of a receivable, oldest first."""
    page = await documents.list_documents(
        tenant_context(request), receivable_id, page_request(request, limit, cursor), include_removed=include_removed
    )
    return listing(request, page)


@delete(
    "/receivables/{receivable_id:str}/documents/{document_id:str}",
    use_case=documents.remove_document,
    operation_id="RemoveDocument",
    status_code=200,
)
async def remove_document(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], document_id: FromPath[str]
) -> Response[DocumentLink]:
    """Mark a document link as removed; it stays as evidence."""
    return Response(await documents.remove_document(tenant_context(request), receivable_id, document_id))


@put(
    "/receivables/{receivable_id:str}/collection-schedule",
    use_case=collection_schedule.put_collection_schedule,
    operation_id="PutCollectionSchedule",
)
async def put_collection_schedule(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[ScheduleIn]
) -> Response[CollectionSchedule]:
    """Replace the days on which a receivable's money is planned to come."""
    schedule = await collection_schedule.put_collection_schedule(
        tenant_context(request), receivable_id, planned_of(data), expected_version=expected_version(request)
    )
    return with_etag(schedule)


@get(
    "/receivables/{receivable_id:str}/collection-schedule",
    use_case=collection_schedule.get_collection_schedule,
    operation_id="GetCollectionSchedule",
)
async def get_collection_schedule(
    request: Request[Any, Any, Any], receivable_id: FromPath[str]
) -> Response[CollectionSchedule]:
    """Read when a receivable's money is planned to come, and what of it is covered."""
    return with_etag(await collection_schedule.get_collection_schedule(tenant_context(request), receivable_id))


ROUTES = [
    replace_receivable_lines,
    list_receivable_lines,
    link_document,
    list_documents,
    remove_document,
    put_collection_schedule,
    get_collection_schedule,
]
