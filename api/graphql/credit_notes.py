"""Credit notes in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.payments import AllocateInput
from api.inputs.credit_notes import NewCreditNote, issued
from api.inputs.payments import AllocationRequest, allocated
from domain.customers import customers as customer_uses
from domain.ledger import credit_notes as uses
from domain.ledger import model as domain

IssueCreditNoteInput = input_type(NewCreditNote, "IssueCreditNoteInput")


@graph_type(domain.CreditNote)
class CreditNote:
    """Less is owed, without money having come."""

    @strawberry.field(graphql_type=Customer, description="Who owes less.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customer_uses.customers_by_ids, self.customer_id)


@strawberry.type
class CreditNoteQuery:
    """Reading credit notes."""

    @door(uses.get_credit_note, CreditNote)
    async def credit_note(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One credit note."""
        return await uses.get_credit_note(info.context.tenant, id)

    @door(uses.get_credit_note_by_external_id, CreditNote)
    async def credit_note_by_external_id(self, info: GraphInfo, external_id: str) -> Any:
        """One credit note by your own id."""
        return await uses.get_credit_note_by_external_id(info.context.tenant, external_id)

    @door(uses.list_credit_notes, Connection[CreditNote])
    async def credit_notes(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
    ) -> Any:
        """Credit notes, oldest first."""
        name = f"credit_notes:{customer_id}"
        request = page_request(first, after, name)
        page = await uses.list_credit_notes(info.context.tenant, request, customer_id=customer_id)
        return connection(page, name, after)


@strawberry.type
class CreditNoteMutation:
    """Issuing, allocating and cancelling credit notes."""

    @door(uses.issue_credit_note, CreditNote)
    async def issue_credit_note(self, info: GraphInfo, input: IssueCreditNoteInput) -> Any:
        """Register a credit note and lower with it what the customer owes."""
        return await uses.issue_credit_note(info.context.tenant, **issued(from_input(NewCreditNote, input)))

    @door(uses.allocate_credit_note, CreditNote)
    async def allocate_credit_note(
        self, info: GraphInfo, id: strawberry.ID, input: AllocateInput, expected_version: int | None = None
    ) -> Any:
        """Lower receivables with what is still unapplied of a credit note."""
        told = allocated(from_input(AllocationRequest, input))
        return await uses.allocate_credit_note(info.context.tenant, id, **told, expected_version=expected_version)

    @door(uses.cancel_credit_note, CreditNote)
    async def cancel_credit_note(self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None) -> Any:
        """Say that a credit note was a mistake; what it lowered is open again."""
        return await uses.cancel_credit_note(info.context.tenant, id, expected_version=expected_version)


NODES = {"crn": uses.get_credit_note}
QUERIES = CreditNoteQuery
MUTATIONS = CreditNoteMutation
