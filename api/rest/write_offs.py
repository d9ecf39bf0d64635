"""/v1/write-offs, cancellation of receivables and /v1/ledger-policy."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, patch, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.write_offs import (
    CancellationRequest,
    LedgerPolicyFields,
    LedgerPolicyPatch,
    NewWriteOff,
    WriteOffReversalRequest,
    policy_of,
    with_amount,
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
from domain.ledger import ledger_policy, write_offs
from domain.ledger.model import LedgerPolicy, Receivable, WriteOff, WriteOffState

OfReceivable = Annotated[str | None, QueryParameter(max_length=40, description="Only this receivable's.")]
OfCustomer = Annotated[str | None, QueryParameter(max_length=40, description="Only this customer's.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[WriteOffState | None, QueryParameter(name="state", description="Only those in this state.")]


@post(
    "/receivables/{receivable_id:str}/write-offs",
    use_case=write_offs.write_off_receivable,
    operation_id="WriteOffReceivable",
)
async def write_off_receivable(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[NewWriteOff]
) -> Response[WriteOff]:
    """Give up what is owed, whole or in part; above the limit a second person has to approve."""
    return created(await write_offs.write_off_receivable(tenant_context(request), receivable_id, **with_amount(data)))


@post(
    "/receivables/{receivable_id:str}/cancel",
    use_case=write_offs.cancel_receivable,
    operation_id="CancelReceivable",
    status_code=200,
)
async def cancel_receivable(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], data: JSONBody[CancellationRequest]
) -> Response[Receivable]:
    """Say that it was never owed, and end it."""
    cancelled = await write_offs.cancel_receivable(
        tenant_context(request), receivable_id, **given(data), expected_version=expected_version(request)
    )
    return with_etag(cancelled)


@get("/write-offs", use_case=write_offs.list_write_offs, operation_id="ListWriteOffs")
async def list_write_offs(
    request: Request[Any, Any, Any],
    receivable_id: OfReceivable = None,
    customer_id: OfCustomer = None,
    wanted_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[WriteOff]]:
    """List write-offs, oldest first, those that match every given filter."""
    page = await write_offs.list_write_offs(
        tenant_context(request),
        page_request(request, limit, cursor),
        receivable_id=receivable_id,
        customer_id=customer_id,
        state=wanted_state,
    )
    return listing(request, page)


@get("/write-offs/{write_off_id:str}", use_case=write_offs.get_write_off, operation_id="GetWriteOff")
async def get_write_off(request: Request[Any, Any, Any], write_off_id: FromPath[str]) -> Response[WriteOff]:
    """Read a write-off."""
    return with_etag(await write_offs.get_write_off(tenant_context(request), write_off_id))


@post(
    "/write-offs/{write_off_id:str}/approve",
    use_case=write_offs.approve_write_off,
    operation_id="ApproveWriteOff",
    status_code=200,
)
async def approve_write_off(request: Request[Any, Any, Any], write_off_id: FromPath[str]) -> Response[WriteOff]:
    """Let a pending write-off take effect; not by whoever asked for it."""
    decided = await write_offs.approve_write_off(
        tenant_context(request), write_off_id, expected_version=expected_version(request)
    )
    return with_etag(decided)


@post(
    "/write-offs/{write_off_id:str}/reject",
    use_case=write_offs.reject_write_off,
    operation_id="RejectWriteOff",
    status_code=200,
)
async def reject_write_off(request: Request[Any, Any, Any], write_off_id: FromPath[str]) -> Response[WriteOff]:
    """Refuse a pending write-off; not by whoever asked for it."""
    decided = await write_offs.reject_write_off(
        tenant_context(request), write_off_id, expected_version=expected_version(request)
    )
    return with_etag(decided)


@post(
    "/write-offs/{write_off_id:str}/reverse",
    use_case=write_offs.reverse_write_off,
    operation_id="ReverseWriteOff",
    status_code=200,
)
async def reverse_write_off(
    request: Request[Any, Any, Any], write_off_id: FromPath[str], data: JSONBody[WriteOffReversalRequest]
) -> Response[WriteOff]:
    """Open what was given up again, whole or in part."""
    changed = await write_offs.reverse_write_off(
        tenant_context(request), write_off_id, **with_amount(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@get("/ledger-policy", use_case=ledger_policy.get_ledger_policy, operation_id="GetLedgerPolicy")
async def get_ledger_policy(request: Request[Any, Any, Any]) -> Response[LedgerPolicy]:
    """How the ledger decides where nobody says."""
    return with_etag(await ledger_policy.get_ledger_policy(tenant_context(request)))


@put("/ledger-policy", use_case=ledger_policy.put_ledger_policy, operation_id="PutLedgerPolicy")
async def put_ledger_policy(
    request: Request[Any, Any, Any], data: JSONBody[LedgerPolicyFields]
) -> Response[LedgerPolicy]:
    """Replace the ledger's whole policy: what is left out is reset. What was decided before stays."""
    changed = await ledger_policy.put_ledger_policy(
        tenant_context(request), **policy_of(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@patch("/ledger-policy", use_case=ledger_policy.update_ledger_policy, operation_id="UpdateLedgerPolicy")
async def update_ledger_policy(
    request: Request[Any, Any, Any], data: JSONBody[LedgerPolicyPatch]
) -> Response[LedgerPolicy]:
    """Change the ledger's policy; a field left out stays as it is."""
    changed = await ledger_policy.update_ledger_policy(
        tenant_context(request), policy_of(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


ROUTES = [
    write_off_receivable,
    cancel_receivable,
    list_write_offs,
    get_write_off,
    approve_write_off,
    reject_write_off,
    reverse_write_off,
    get_ledger_policy,
    put_ledger_policy,
    update_ledger_policy,
]
