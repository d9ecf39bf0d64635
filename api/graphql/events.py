"""Events in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import graph_type
from api.graphql.paging import Connection, connection, page_request
from domain.events import log
from domain.events import model as domain


@graph_type(domain.Event)
class Event:
    """A fact as it was when it happened, numbered without gaps."""


@strawberry.type
class EventQuery:
    """Reading events."""

    @door(log.get_event, Event)
    async def event(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One event."""
        return await log.get_event(info.context.tenant, id)

    @door(log.list_events, Connection[Event])
    async def events(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        after_sequence: int = 0,
        type: str | None = None,
        object_id: strawberry.ID | None = None,
    ) -> Any:
        """Events in the order of their numbers."""
        name = f"events:{after_sequence}:{type}:{object_id}"
        request = page_request(first, after, name)
        page = await log.list_events(info.context.tenant, request, after=after_sequence, type=type, object_id=object_id)
        return connection(page, name, after, lambda event: str(event.sequence))


NODES = {"evt": log.get_event}
QUERIES = EventQuery
MUTATIONS = None
