"""/v1/cases."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from api.authentication import tenant_context
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, listing, page_request, with_etag
from domain.dunning import cases
from domain.dunning.model import Case, CaseReceivable, CaseState
from domain.dunning.timeline_model import CaseTimeline

OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only this receivable's.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[CaseState | None, QueryParameter(name="state", description="Only those in this state.")]
Texts = Annotated[
    bool, QueryParameter(description="Whether with the text of each notice to come, as it would be sent.")
]
Words = Annotated[
    str | None,
    QueryParameter(max_length=35, description="The language of messages, `en` or `zh-CN`; else the tenant's."),
]


@get("/cases", use_case=cases.list_cases, operation_id="ListCases")
async def list_cases(
    request: Request[Any, Any, Any],
    customer_id: OfCustomer = None,
    receivable_id: OfReceivable = None,
    in_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Case]]:
    """List cases, oldest first."""
    found = await cases.list_cases(
        tenant_context(request),
        page_request(request, limit, cursor),
        customer_id=customer_id,
        receivable_id=receivable_id,
        state=in_state,
    )
    return listing(request, found)


@get("/cases/{case_id:str}", use_case=cases.get_case, operation_id="GetCase")
async def get_case(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Case]:
    """Read a case."""
    return with_etag(await cases.get_case(tenant_context(request), case_id))


@get("/cases/{case_id:str}/timeline", use_case=cases.case_timeline, operation_id="GetCaseTimeline")
async def case_timeline(
    request: Request[Any, Any, Any], case_id: FromPath[str], texts: Texts = False, locale: Words = None
) -> CaseTimeline:
    """Read what became of each step so far and why, and what is to come if nothing changes."""
    return await cases.case_timeline(tenant_context(request), case_id, texts=texts, locale=locale)


@get("/cases/{case_id:str}/receivables", use_case=cases.list_case_receivables, operation_id="ListCaseReceivables")
async def list_case_receivables(
    request: Request[Any, Any, Any], case_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[CaseReceivable]]:
    """List the receivables that a case stands for, settled ones included."""
    page = page_request(request, limit, cursor)
    return listing(request, await cases.list_case_receivables(tenant_context(request), case_id, page))


ROUTES = [list_cases, get_case, case_timeline, list_case_receivables]
