"""Payments and allocations in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.fields import given
from api.inputs.payments import (
    AllocationRequest,
    NewPayment,
    NewRefund,
    PaymentReversalRequest,
    allocated,
    received,
    refunded,
)
from domain.customers import customers as customer_uses
from domain.ledger import model as domain
from domain.ledger import payment_changes as changes
from domain.ledger import payments as uses
from domain.ledger import receivables as receivable_uses

RecordPaymentInput = input_type(NewPayment, "RecordPaymentInput")
AllocateInput = input_type(AllocationRequest, "AllocateInput")
ReversePaymentInput = input_type(PaymentReversalRequest, "ReversePaymentInput")
RefundPaymentInput = input_type(NewRefund, "RefundPaymentInput")


@graph_type(domain.Allocation)
class Allocation:
    """The part of a payment that settles one receivable."""

    @strawberry.field(graphql_type=Receivable, description="What it settles.")
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(receivable_uses.receivables_by_ids, self.receivable_id)


@graph_type(domain.Payment)
class Payment:
    """Money received."""

    @strawberry.field(graphql_type=Customer, description="Who paid.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customer_uses.customers_by_ids, self.customer_id)


@graph_type(domain.Refund)
class Refund:
    """Unapplied money that was given back."""


@strawberry.type
class PaymentQuery:
    """Reading payments."""

    @door(uses.get_payment, Payment)
    async def payment(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One payment."""
        return await uses.get_payment(info.context.tenant, id)

    @door(uses.get_payment_by_external_id, Payment)
    async def payment_by_external_id(self, info: GraphInfo, external_id: str) -> Any:
        """One payment by your own id."""
        return await uses.get_payment_by_external_id(info.context.tenant, external_id)

    @door(uses.list_payments, Connection[Payment])
    async def payments(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
    ) -> Any:
        """Payments, oldest first."""
        name = f"payments:{customer_id}"
        request = page_request(first, after, name)
        page = await uses.list_payments(info.context.tenant, request, customer_id=customer_id)
        return connection(page, name, after)

    @door(changes.list_refunds, Connection[Refund])
    async def refunds(
        self, info: GraphInfo, payment_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """What was given back of a payment, oldest first."""
        name = f"refunds:{payment_id}"
        page = await changes.list_refunds(info.context.tenant, payment_id, page_request(first, after, name))
        return connection(page, name, after)


@strawberry.type
class PaymentMutation:
    """Recording payments and moving what they settle."""

    @door(uses.record_payment, Payment)
    async def record_payment(self, info: GraphInfo, input: RecordPaymentInput) -> Any:
        """Record money received and settle receivables with it."""
        return await uses.record_payment(info.context.tenant, **received(from_input(NewPayment, input)))

    @door(changes.allocate_payment, Payment)
    async def allocate_payment(
        self, info: GraphInfo, id: strawberry.ID, input: AllocateInput, expected_version: int | None = None
    ) -> Any:
        """Settle receivables with what is still unapplied of a payment."""
        told = allocated(from_input(AllocationRequest, input))
        return await changes.allocate_payment(info.context.tenant, id, **told, expected_version=expected_version)

    @door(changes.remove_allocation, Payment)
    async def remove_allocation(
        self, info: GraphInfo, payment_id: strawberry.ID, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Take an allocation back; the money becomes unapplied."""
        return await changes.remove_allocation(info.context.tenant, payment_id, id, expected_version=expected_version)

    @door(changes.reverse_payment, Payment)
    async def reverse_payment(
        self, info: GraphInfo, id: strawberry.ID, input: ReversePaymentInput, expected_version: int | None = None
    ) -> Any:
        """Take a payment back that bounced, was charged back or was a mistake."""
        told = given(from_input(PaymentReversalRequest, input))
        return await changes.reverse_payment(info.context.tenant, id, **told, expected_version=expected_version)

    @door(changes.refund_payment, Refund)
    async def refund_payment(
        self, info: GraphInfo, id: strawberry.ID, input: RefundPaymentInput, expected_version: int | None = None
    ) -> Any:
        """Record that unapplied money was given back."""
        told = refunded(from_input(NewRefund, input))
        return await changes.refund_payment(info.context.tenant, id, **told, expected_version=expected_version)


NODES = {"pay": uses.get_payment}
QUERIES = PaymentQuery
MUTATIONS = PaymentMutation
