"""/v1/approvals: steps of cases that somebody has to approve."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.approvals import ApprovalDecision
from api.inputs.fields import given
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, expected_version, listing, page_request, with_etag
from domain.dunning import approvals
from domain.dunning.model import Approval, ApprovalState

OfCase = Annotated[str | None, QueryParameter(max_length=40, description="Only this case's.")]
OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[
    ApprovalState | None,
    QueryParameter(name="state", description="Only those in this state; `open` are those that can still be decided."),
]


@get("/approvals", use_case=approvals.list_approvals, operation_id="ListApprovals")
async def list_approvals(
    request: Request[Any, Any, Any],
    in_state: State = None,
    case_id: OfCase = None,
    customer_id: OfCustomer = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[Approval]]:
    """List the steps that somebody has to approve, or has, the oldest first."""
    found = await approvals.list_approvals(
        tenant_context(request),
        page_request(request, limit, cursor),
        state=in_state,
        case_id=case_id,
        customer_id=customer_id,
    )
    return listing(request, found)


@get("/approvals/{approval_id:str}", use_case=approvals.get_approval, operation_id="GetApproval")
async def get_approval(request: Request[Any, Any, Any], approval_id: FromPath[str]) -> Response[Approval]:
    """Read an approval."""
    return with_etag(await approvals.get_approval(tenant_context(request), approval_id))


@post(
    "/approvals/{approval_id:str}/approve",
    use_case=approvals.approve_step,
    operation_id="ApproveStep",
    status_code=200,
)
async def approve_step(
    request: Request[Any, Any, Any], approval_id: FromPath[str], data: JSONBody[ApprovalDecision]
) -> Response[Approval]:
    """Let the step be carried out, by the facts as they are now."""
    decided = await approvals.approve_step(
        tenant_context(request), approval_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(decided)


@post("/approvals/{approval_id:str}/reject", use_case=approvals.reject_step, operation_id="RejectStep", status_code=200)
async def reject_step(
    request: Request[Any, Any, Any], approval_id: FromPath[str], data: JSONBody[ApprovalDecision]
) -> Response[Approval]:
    """Have the step left out; the case goes on."""
    decided = await approvals.reject_step(
        tenant_context(request), approval_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(decided)


ROUTES = [list_approvals, get_approval, approve_step, reject_step]
