"""/v1/credit-notes."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.credit_notes import NewCreditNote, issued
from api.inputs.payments import AllocationRequest, allocated
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
from domain.ledger import credit_notes
from domain.ledger.model import CreditNote

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]


@post("/credit-notes", use_case=credit_notes.issue_credit_note, operation_id="IssueCreditNote")
async def issue_credit_note(request: Request[Any, Any, Any], data: JSONBody[NewCreditNote]) -> Response[CreditNote]:
    """Register a credit note and lower with it what the customer owes."""
    return created(await credit_notes.issue_credit_note(tenant_context(request), **issued(data)))


@get("/credit-notes", use_case=credit_notes.list_credit_notes, operation_id="ListCreditNotes")
async def list_credit_notes(
    request: Request[Any, Any, Any], customer_id: OfCustomer = None, limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[CreditNote]]:
    """List credit notes, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(
        request, await credit_notes.list_credit_notes(tenant_context(request), page, customer_id=customer_id)
    )


@get("/credit-notes/{credit_note_id:str}", use_case=credit_notes.get_credit_note, operation_id="GetCreditNote")
async def get_credit_note(request: Request[Any, Any, Any], credit_note_id: FromPath[str]) -> Response[CreditNote]:
    """Read a credit note and its allocations."""
    return with_etag(await credit_notes.get_credit_note(tenant_context(request), credit_note_id))


@get(
    "/credit-notes/external/{external_id:path}",
    use_case=credit_notes.get_credit_note_by_external_id,
    operation_id="GetCreditNoteByExternalId",
)
async def get_credit_note_by_external_id(
    request: Request[Any, Any, Any], external_id: FromPath[str]
) -> Response[CreditNote]:
    """Read a credit note by your own id."""
    return with_etag(
        await credit_notes.get_credit_note_by_external_id(tenant_context(request), external_id_of(request))
    )


@post(
    "/credit-notes/{credit_note_id:str}/allocations",
    use_case=credit_notes.allocate_credit_note,
    operation_id="AllocateCreditNote",
    status_code=200,
)
async def allocate_credit_note(
    request: Request[Any, Any, Any], credit_note_id: FromPath[str], data: JSONBody[AllocationRequest]
) -> Response[CreditNote]:
    """Lower receivables with what is still unapplied of a credit note."""
    changed = await credit_notes.allocate_credit_note(
        tenant_context(request), credit_note_id, **allocated(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/credit-notes/{credit_note_id:str}/cancel",
    use_case=credit_notes.cancel_credit_note,
    operation_id="CancelCreditNote",
    status_code=200,
)
async def cancel_credit_note(request: Request[Any, Any, Any], credit_note_id: FromPath[str]) -> Response[CreditNote]:
    """Say that a credit note was a mistake; what it lowered is open again."""
    changed = await credit_notes.cancel_credit_note(
        tenant_context(request), credit_note_id, expected_version=expected_version(request)
    )
    return with_etag(changed)


ROUTES = [
    issue_credit_note,
    list_credit_notes,
    get_credit_note,
    get_credit_note_by_external_id,
    allocate_credit_note,
    cancel_credit_note,
]
