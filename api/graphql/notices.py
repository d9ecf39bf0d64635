"""Notices and their deliveries in GraphQL."""

from __future__ import annotations

import base64
from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.fields import validated
from api.inputs.notices import NoticeQuery, ReceiptsIn, told
from domain.customers.customers import customers_by_ids
from domain.ledger.receivables import receivables_by_ids
from domain.messaging import contact_policy_model, letters, receipt_model
from domain.messaging import model as domain
from domain.messaging import notices as uses
from domain.messaging import receipts as receipt_uses

ReportReceiptsInput = input_type(ReceiptsIn, "ReportReceiptsInput")


@graph_type(domain.Delivery)
class Delivery:
    """One attempt to send a notice."""


@graph_type(contact_policy_model.PolicyAnswer)
class PolicyAnswer:
    """What the contact policy said when a notice was queued."""


@graph_type(domain.Letter)
class Letter:
    """The notice as a numbered document; hash, pages and size are known once its pages are made."""


@strawberry.type(description="A letter's file, a PDF: the same bytes each time.")
class LetterFile:
    """A file in an answer that is JSON."""

    notice_id: strawberry.ID
    number: str
    sha256: str
    pages: int
    size: int

    @strawberry.field(description="The file in base 64.")
    def content_base64(self: Any) -> str:
        """Of the domain's bytes."""
        return base64.b64encode(self.content).decode()

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        """The domain's object is its own parent."""
        return isinstance(value, domain.LetterFile)


@graph_type(receipt_model.NoticeReceipt)
class NoticeReceipt:
    """What a provider, a mailbox or an integrator told of a notice."""


@graph_type(receipt_model.IgnoredReceipts)
class IgnoredReceipts:
    """How many receipts of one kind belonged to no notice."""


@graph_type(domain.NoticeReceivable)
class NoticeReceivable:
    """One of several receivables that a notice names, as it was then."""


@graph_type(domain.Notice)
class Notice:
    """The rendered message of a step, and what became of it."""

    @strawberry.field(graphql_type=Customer, description="Who was reminded.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)

    @strawberry.field(graphql_type=Receivable, description="Of what.")
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(receivables_by_ids, self.receivable_id)


@strawberry.type
class NoticeQueries:
    """Reading notices."""

    @door(uses.get_notice, Notice)
    async def notice(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One notice."""
        return await uses.get_notice(info.context.tenant, id)

    @door(uses.list_notices, Connection[Notice])
    async def notices(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        receivable_id: strawberry.ID | None = None,
        case_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Notices, oldest first, those that match every given filter."""
        name = f"notices:{customer_id}:{receivable_id}:{case_id}:{state}"
        page = await uses.list_notices(
            info.context.tenant,
            page_request(first, after, name),
            customer_id=customer_id,
            receivable_id=receivable_id,
            case_id=case_id,
            state=validated(NoticeQuery, {"state": state}).state,
        )
        return connection(page, name, after)

    @door(uses.list_deliveries, Connection[Delivery])
    async def deliveries(
        self, info: GraphInfo, notice_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """The attempts to send a notice, first to last."""
        name = f"deliveries:{notice_id}"
        page = await uses.list_deliveries(info.context.tenant, notice_id, page_request(first, after, name))
        return connection(page, name, after, lambda delivery: str(delivery.number))

    @door(letters.get_letter, LetterFile)
    async def letter(self, info: GraphInfo, notice_id: strawberry.ID) -> Any:
        """A notice's letter."""
        return await letters.get_letter(info.context.tenant, notice_id)

    @door(receipt_uses.list_receipts, Connection[NoticeReceipt])
    async def receipts(
        self, info: GraphInfo, notice_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """What was told of a notice, in the order in which it was heard."""
        name = f"receipts:{notice_id}"
        page = await receipt_uses.list_receipts(info.context.tenant, notice_id, page_request(first, after, name))
        return connection(page, name, after)

    @door(receipt_uses.list_ignored_receipts, Connection[IgnoredReceipts])
    async def ignored_receipts(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """How many receipts belonged to no notice."""
        name = "ignored_receipts"
        page = await receipt_uses.list_ignored_receipts(info.context.tenant, page_request(first, after, name))
        return connection(page, name, after)


@strawberry.type
class NoticeMutation:
    """Telling what became of notices."""

    @door(receipt_uses.report_receipts, Notice)
    async def report_receipts(self, info: GraphInfo, id: strawberry.ID, input: ReportReceiptsInput) -> Any:
        """Tell what became of a notice that an integrator sent by itself; the same again changes nothing."""
        receipts = told(from_input(ReceiptsIn, input))
        return await receipt_uses.report_receipts(info.context.tenant, id, receipts)


NODES = {"ntc": uses.get_notice}
QUERIES = NoticeQueries
MUTATIONS = NoticeMutation
