"""/v1/audit-log, for a tenant and for a platform alike."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from api.authentication import owner_context
from api.rest.answers import DEFAULT, Cursor, Limit, Listing, instant_of, listing, page_request
from domain.access import audit
from domain.access.audit_model import AuditEntry, AuditVerification

INSTANT: dict[str, Any] = {"max_length": 40, "schema_extra": {"format": "date-time"}}
ActorId = Annotated[str | None, QueryParameter(max_length=40, description="Only what this client or user did.")]
ClientId = Annotated[str | None, QueryParameter(max_length=40, description="Only what came through this client.")]
Action = Annotated[str | None, QueryParameter(max_length=100, description="Only this action, as `record_payment`.")]
ObjectId = Annotated[str | None, QueryParameter(max_length=40, description="Only what touched this object.")]
From = Annotated[str | None, QueryParameter(**INSTANT, description="Only entries recorded at this instant or later.")]
To = Annotated[str | None, QueryParameter(**INSTANT, description="Only entries recorded before this instant.")]
Sequence = Annotated[int | None, QueryParameter(ge=1, le=2**53, description="`last_sequence` of an earlier answer.")]
Hash = Annotated[str | None, QueryParameter(max_length=64, description="`last_hash` of that answer.")]


@get("/audit-log", use_case=audit.list_audit_entries, operation_id="ListAuditEntries")
async def list_audit_entries(
    request: Request[Any, Any, Any],
    actor_id: ActorId = None,
    client_id: ClientId = None,
    action: Action = None,
    object_id: ObjectId = None,
    recorded_from: From = None,
    recorded_to: To = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[AuditEntry]]:
    """List who did what, oldest first, those entries that match every given filter."""
    page = await audit.list_audit_entries(
        owner_context(request),
        page_request(request, limit, cursor),
        actor_id=actor_id,
        client_id=client_id,
        action=action,
        object_id=object_id,
        recorded_from=instant_of("recorded_from", recorded_from),
        recorded_to=instant_of("recorded_to", recorded_to),
    )
    return listing(request, page)


@get("/audit-log/verification", use_case=audit.verify_audit_log, operation_id="VerifyAuditLog")
async def verify_audit_log(
    request: Request[Any, Any, Any], expected_sequence: Sequence = None, expected_hash: Hash = None
) -> AuditVerification:
    """Recompute the chain of hashes; an earlier head, kept outside, also tells whether it was rewritten or cut."""
    return await audit.verify_audit_log(
        owner_context(request), expected_sequence=expected_sequence, expected_hash=expected_hash
    )


@get("/audit-log/{entry_id:str}", use_case=audit.get_audit_entry, operation_id="GetAuditEntry")
async def get_audit_entry(request: Request[Any, Any, Any], entry_id: FromPath[str]) -> AuditEntry:
    """Read an entry of the audit log."""
    return await audit.get_audit_entry(owner_context(request), entry_id)


ROUTES = [list_audit_entries, verify_audit_log, get_audit_entry]
