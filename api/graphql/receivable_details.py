"""Lines, documents and planned collection dates of receivables in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.lines import Line
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.fields import given
from api.inputs.receivable_details import LinesIn, NewDocument, ScheduleIn, lines_of, planned_of
from domain.ledger import collection_schedule as schedules
from domain.ledger import detail_model as domain
from domain.ledger import documents, lines

ReplaceReceivableLinesInput = input_type(LinesIn, "ReplaceReceivableLinesInput")
LinkDocumentInput = input_type(NewDocument, "LinkDocumentInput")
PutCollectionScheduleInput = input_type(ScheduleIn, "PutCollectionScheduleInput")


@graph_type(domain.DocumentLink)
class DocumentLink:
    """Where a document lies and what it contained when it was linked."""


@graph_type(domain.PlannedCollection)
class PlannedCollection:
    """A planned day as it stands."""


@graph_type(domain.CollectionSchedule)
class CollectionSchedule:
    """When a receivable's money is planned to come."""


@strawberry.type
class DetailQueries:
    """Reading what receivables say about themselves."""

    @door(lines.list_receivable_lines, Connection[Line])
    async def receivable_lines(
        self, info: GraphInfo, receivable_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """What the invoice was for."""
        name = f"receivable_lines:{receivable_id}"
        page = await lines.list_receivable_lines(info.context.tenant, receivable_id, page_request(first, after, name))
        return connection(page, name, after, key=lambda line: str(line.position))

    @door(documents.list_documents, Connection[DocumentLink])
    async def documents(
        self,
        info: GraphInfo,
        receivable_id: strawberry.ID,
        include_removed: bool = False,
        first: int | None = None,
        after: str | None = None,
    ) -> Any:
        """The documents of a receivable, oldest first."""
        name = f"documents:{receivable_id}:{include_removed}"
        request = page_request(first, after, name)
        page = await documents.list_documents(
            info.context.tenant, receivable_id, request, include_removed=include_removed
        )
        return connection(page, name, after)

    @door(schedules.get_collection_schedule, CollectionSchedule)
    async def collection_schedule(self, info: GraphInfo, receivable_id: strawberry.ID) -> Any:
        """When a receivable's money is planned to come, and what of it is covered."""
        return await schedules.get_collection_schedule(info.context.tenant, receivable_id)


@strawberry.type
class DetailMutation:
    """Changing what receivables say about themselves."""

    @door(lines.replace_receivable_lines, Receivable)
    async def replace_receivable_lines(
        self,
        info: GraphInfo,
        receivable_id: strawberry.ID,
        input: ReplaceReceivableLinesInput,
        expected_version: int | None = None,
    ) -> Any:
        """Replace all lines of a receivable; with their tax they sum to its amount."""
        told = lines_of(from_input(LinesIn, input).lines)
        return await lines.replace_receivable_lines(
            info.context.tenant, receivable_id, told, expected_version=expected_version
        )

    @door(documents.link_document, DocumentLink)
    async def link_document(self, info: GraphInfo, receivable_id: strawberry.ID, input: LinkDocumentInput) -> Any:
        """Link a document that lies at an https address; it is never fetched."""
        told = given(from_input(NewDocument, input))
        return await documents.link_document(info.context.tenant, receivable_id, **told)

    @door(documents.remove_document, DocumentLink)
    async def remove_document(self, info: GraphInfo, receivable_id: strawberry.ID, document_id: strawberry.ID) -> Any:
        """Mark a document link as removed; it stays as evidence."""
        return await documents.remove_document(info.context.tenant, receivable_id, document_id)

    @door(schedules.put_collection_schedule, CollectionSchedule)
    async def put_collection_schedule(
        self,
        info: GraphInfo,
        receivable_id: strawberry.ID,
        input: PutCollectionScheduleInput,
        expected_version: int | None = None,
    ) -> Any:
        """Replace the days on which a receivable's money is planned to come."""
        rows = planned_of(from_input(ScheduleIn, input))
        return await schedules.put_collection_schedule(
            info.context.tenant, receivable_id, rows, expected_version=expected_version
        )


NODES: dict[str, Any] = {}
QUERIES = DetailQueries
MUTATIONS = DetailMutation
