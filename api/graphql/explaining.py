"""Why a receivable is, or is not, being reminded of, in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql import cases, plan_assignments
from api.graphql.context import GraphInfo, door
from api.graphql.mapping import graph_type
from domain.dunning import explaining as uses
from domain.dunning import timeline_model as told

# Their types stand in these.
_BEFORE = (cases, plan_assignments)


@graph_type(told.ReceivableExplanation)
class ReceivableExplanation:
    """Why a receivable is, or is not, being reminded of."""


@strawberry.type
class ExplainingQueries:
    """What is in the way."""

    @door(uses.explain_receivable, ReceivableExplanation)
    async def explain_receivable(
        self, info: GraphInfo, id: strawberry.ID, texts: bool = False, locale: str | None = None
    ) -> Any:
        """By which plan a receivable is reminded, what comes next and when, and everything that is in the way."""
        return await uses.explain_receivable(info.context.tenant, id, texts=texts, locale=locale)


NODES: dict[str, Any] = {}
QUERIES = ExplainingQueries
MUTATIONS = None
