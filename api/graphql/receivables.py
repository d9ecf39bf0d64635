"""Receivables and entries in GraphQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.lines import Line
from api.graphql.mapping import from_input, graph_type, input_type, shared_input
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import validated
from api.inputs.payment_terms import PaymentTermsIn
from api.inputs.receivables import NewReceivable, ReceivableFields, ReceivablePatch, ReceivableQuery, changes, terms
from domain.customers import customers as customer_uses
from domain.ledger import lines as line_uses
from domain.ledger import model as domain
from domain.ledger import receivables as uses
from domain.ledger.rules import payment_terms

shared_input(PaymentTermsIn, "PaymentTermsInput")
CreateReceivableInput = input_type(NewReceivable, "CreateReceivableInput")
PutReceivableInput = input_type(ReceivableFields, "PutReceivableInput")
UpdateReceivableInput = input_type(ReceivablePatch, "UpdateReceivableInput")


@graph_type(domain.Entry)
class Entry:
    """One dated, immutable movement on a receivable."""


@graph_type(domain.OpenParts)
class OpenParts:
    """What is open, by what it is."""


@graph_type(payment_terms.DueRule)
class DueRule:
    """How a due date follows from the anchor date."""


@graph_type(payment_terms.TermPart)
class TermPart:
    """A share of the whole and when it is due."""


@graph_type(payment_terms.Discount)
class DiscountTerms:
    """What paying within so many days of the anchor date saves, as a rate of the amount."""


@graph_type(payment_terms.PaymentTerms)
class PaymentTerms:
    """When an amount is due after its anchor date, and what paying early saves."""


@graph_type(domain.EarlyPaymentDiscount)
class EarlyPaymentDiscount:
    """What paying early saves, until when, and what of it was taken."""


@graph_type(domain.Receivable)
class Receivable:
    """An amount a customer owes."""

    @strawberry.field(graphql_type=Customer, description="Who owes it.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customer_uses.customers_by_ids, self.customer_id)

    @strawberry.field(graphql_type=Connection[Entry], description="Every movement on it.")
    async def entries(self: Any, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Oldest first."""
        name = f"entries:{self.id}"
        page = await uses.list_entries(info.context.tenant, self.id, page_request(first, after, name))
        return connection(page, name, after)

    @strawberry.field(graphql_type=Connection[Line], description="What the invoice was for.")
    async def lines(self: Any, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """In their order."""
        name = f"receivable_lines:{self.id}"
        page = await line_uses.list_receivable_lines(info.context.tenant, self.id, page_request(first, after, name))
        return connection(page, name, after, key=lambda line: str(line.position))


@strawberry.type
class ReceivableQueries:
    """Reading receivables."""

    @door(uses.get_receivable, Receivable)
    async def receivable(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One receivable."""
        return await uses.get_receivable(info.context.tenant, id)

    @door(uses.get_receivable_by_external_id, Receivable)
    async def receivable_by_external_id(self, info: GraphInfo, external_id: str) -> Any:
        """One receivable by your own id."""
        return await uses.get_receivable_by_external_id(info.context.tenant, external_id)

    @door(uses.list_receivables, Connection[Receivable])
    async def receivables(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        status: str | None = None,
        overdue: bool | None = None,
        due_from: date | None = None,
        due_to: date | None = None,
        order_reference: str | None = None,
        contract_reference: str | None = None,
    ) -> Any:
        """Receivables, oldest first, those that match every given filter."""
        name = f"receivables:{customer_id}:{status}:{overdue}:{due_from}:{due_to}:{order_reference!r}:{contract_reference!r}"
        filters = validated(ReceivableQuery, {"status": status})
        wanted = domain.ReceivableFilter(
            customer_id=customer_id,
            status=filters.status,
            overdue=overdue,
            due_from=due_from,
            due_to=due_to,
            order_reference=order_reference,
            contract_reference=contract_reference,
        )
        page = await uses.list_receivables(info.context.tenant, page_request(first, after, name), wanted)
        return connection(page, name, after)

    @door(uses.list_entries, Connection[Entry])
    async def entries(
        self, info: GraphInfo, receivable_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """Every movement on a receivable, oldest first."""
        name = f"entries:{receivable_id}"
        page = await uses.list_entries(info.context.tenant, receivable_id, page_request(first, after, name))
        return connection(page, name, after)


@strawberry.type
class ReceivableMutation:
    """Changing receivables."""

    @door(uses.create_receivable, Receivable)
    async def create_receivable(self, info: GraphInfo, input: CreateReceivableInput) -> Any:
        """Register an amount that a customer owes."""
        return await uses.create_receivable(info.context.tenant, **terms(from_input(NewReceivable, input)))

    @door(uses.put_receivable, Receivable)
    async def put_receivable(
        self, info: GraphInfo, external_id: str, input: PutReceivableInput, expected_version: int | None = None
    ) -> Any:
        """Create or replace the receivable with your own id; another amount becomes a correction."""
        told = terms(from_input(ReceivableFields, input))
        return await uses.put_receivable(info.context.tenant, external_id, **told, expected_version=expected_version)

    @door(uses.update_receivable, Receivable)
    async def update_receivable(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateReceivableInput, expected_version: int | None = None
    ) -> Any:
        """Change a receivable's number, due date, payment terms or metadata."""
        told = changes(from_input(ReceivablePatch, input))
        return await uses.update_receivable(info.context.tenant, id, told, expected_version=expected_version)


NODES = {"rcv": uses.get_receivable}
QUERIES = ReceivableQueries
MUTATIONS = ReceivableMutation
