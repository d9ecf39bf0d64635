"""Write-offs, cancellation and the ledger's policy in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.fields import given, validated
from api.inputs.write_offs import (
    CancellationRequest,
    LedgerPolicyFields,
    LedgerPolicyPatch,
    NewWriteOff,
    WriteOffQuery,
    WriteOffReversalRequest,
    policy_of,
    with_amount,
)
from domain.ledger import ledger_policy as policy_uses
from domain.ledger import model as domain
from domain.ledger import receivables as receivable_uses
from domain.ledger import write_offs as uses

WriteOffReceivableInput = input_type(NewWriteOff, "WriteOffReceivableInput")
ReverseWriteOffInput = input_type(WriteOffReversalRequest, "ReverseWriteOffInput")
CancelReceivableInput = input_type(CancellationRequest, "CancelReceivableInput")
PutLedgerPolicyInput = input_type(LedgerPolicyFields, "PutLedgerPolicyInput")
UpdateLedgerPolicyInput = input_type(LedgerPolicyPatch, "UpdateLedgerPolicyInput")


@graph_type(domain.WriteOff)
class WriteOff:
    """A part of a receivable that is given up, or asked to be."""

    @strawberry.field(graphql_type=Receivable, description="What it is a part of.")
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(receivable_uses.receivables_by_ids, self.receivable_id)


@graph_type(domain.LedgerPolicy)
class LedgerPolicy:
    """How the ledger decides where nobody says."""


@strawberry.type
class WriteOffQueries:
    """Reading write-offs and the ledger's policy."""

    @door(uses.get_write_off, WriteOff)
    async def write_off(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One write-off."""
        return await uses.get_write_off(info.context.tenant, id)

    @door(uses.list_write_offs, Connection[WriteOff])
    async def write_offs(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        receivable_id: strawberry.ID | None = None,
        customer_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Write-offs, oldest first, those that match every given filter."""
        name = f"write_offs:{receivable_id}:{customer_id}:{state}"
        filters = validated(WriteOffQuery, {"state": state})
        page = await uses.list_write_offs(
            info.context.tenant,
            page_request(first, after, name),
            receivable_id=receivable_id,
            customer_id=customer_id,
            state=filters.state,
        )
        return connection(page, name, after)

    @door(policy_uses.get_ledger_policy, LedgerPolicy)
    async def ledger_policy(self, info: GraphInfo) -> Any:
        """How the ledger decides where nobody says."""
        return await policy_uses.get_ledger_policy(info.context.tenant)


@strawberry.type
class WriteOffMutation:
    """Giving up, deciding, taking back."""

    @door(uses.write_off_receivable, WriteOff)
    async def write_off_receivable(
        self, info: GraphInfo, receivable_id: strawberry.ID, input: WriteOffReceivableInput
    ) -> Any:
        """Give up what is owed, whole or in part; above the limit a second person has to approve."""
        told = with_amount(from_input(NewWriteOff, input))
        return await uses.write_off_receivable(info.context.tenant, receivable_id, **told)

    @door(uses.approve_write_off, WriteOff)
    async def approve_write_off(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Let a pending write-off take effect; not by whoever asked for it."""
        return await uses.approve_write_off(info.context.tenant, id, expected_version=expected_version)

    @door(uses.reject_write_off, WriteOff)
    async def reject_write_off(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Refuse a pending write-off; not by whoever asked for it."""
        return await uses.reject_write_off(info.context.tenant, id, expected_version=expected_version)

    @door(uses.reverse_write_off, WriteOff)
    async def reverse_write_off(
        self, info: GraphInfo, id: strawberry.ID, input: ReverseWriteOffInput, expected_version: int | None = None
    ) -> Any:
        """Open what was given up again, whole or in part."""
        told = with_amount(from_input(WriteOffReversalRequest, input))
        return await uses.reverse_write_off(info.context.tenant, id, **told, expected_version=expected_version)

    @door(uses.cancel_receivable, Receivable)
    async def cancel_receivable(
        self, info: GraphInfo, id: strawberry.ID, input: CancelReceivableInput, expected_version: int | None = None
    ) -> Any:
        """Say that it was never owed, and end it."""
        told = given(from_input(CancellationRequest, input))
        return await uses.cancel_receivable(info.context.tenant, id, **told, expected_version=expected_version)

    @door(policy_uses.put_ledger_policy, LedgerPolicy)
    async def put_ledger_policy(
        self, info: GraphInfo, input: PutLedgerPolicyInput, expected_version: int | None = None
    ) -> Any:
        """Replace the ledger's whole policy: what is left out is reset. What was decided before stays."""
        told = policy_of(from_input(LedgerPolicyFields, input))
        return await policy_uses.put_ledger_policy(info.context.tenant, **told, expected_version=expected_version)

    @door(policy_uses.update_ledger_policy, LedgerPolicy)
    async def update_ledger_policy(
        self, info: GraphInfo, input: UpdateLedgerPolicyInput, expected_version: int | None = None
    ) -> Any:
        """Change the ledger's policy; a field left out stays as it is."""
        changes = policy_of(from_input(LedgerPolicyPatch, input))
        return await policy_uses.update_ledger_policy(info.context.tenant, changes, expected_version=expected_version)


NODES = {"wof": uses.get_write_off}
QUERIES = WriteOffQueries
MUTATIONS = WriteOffMutation
