"""The audit log in GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import BigInt, graph_type
from api.graphql.paging import Connection, connection, page_request
from domain.access import audit
from domain.access import audit_model as domain


@graph_type(domain.AuditEntry)
class AuditEntry:
    """Who did what, through which client, from where; hashes in hexadecimal."""


@graph_type(domain.AuditVerification)
class AuditVerification:
    """Whether the chain of the audit log holds, and the first place where it does not."""


@strawberry.type
class AuditQuery:
    """Reading and verifying the audit log."""

    @door(audit.get_audit_entry, AuditEntry)
    async def audit_entry(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One entry of the audit log."""
        return await audit.get_audit_entry(info.context.caller, id)

    @door(audit.list_audit_entries, Connection[AuditEntry])
    async def audit_entries(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        actor_id: strawberry.ID | None = None,
        client_id: strawberry.ID | None = None,
        action: str | None = None,
        object_id: strawberry.ID | None = None,
        recorded_from: datetime | None = None,
        recorded_to: datetime | None = None,
    ) -> Any:
        """Who did what, oldest first, those entries that match every given filter."""
        filters = {
            "actor_id": actor_id,
            "client_id": client_id,
            "action": action,
            "object_id": object_id,
            "recorded_from": recorded_from,
            "recorded_to": recorded_to,
        }
        name = f"audit_entries:{filters}"
        page = await audit.list_audit_entries(info.context.caller, page_request(first, after, name), **filters)  # type: ignore[arg-type]
        return connection(page, name, after, lambda entry: str(entry.sequence))

    @door(audit.verify_audit_log, AuditVerification)
    async def audit_verification(
        self, info: GraphInfo, expected_sequence: BigInt | None = None, expected_hash: str | None = None
    ) -> Any:
        """Recompute the chain of hashes; an earlier head, kept outside, also tells whether it was rewritten or cut."""
        return await audit.verify_audit_log(
            info.context.caller, expected_sequence=expected_sequence, expected_hash=expected_hash
        )


NODES = {"aud": audit.get_audit_entry}
QUERIES = AuditQuery
MUTATIONS = None
