"""Cases and their timelines in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.customers import Customer
from api.graphql.mapping import graph_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.receivables import Receivable
from api.inputs.cases import CaseQuery
from api.inputs.fields import validated
from domain.customers.customers import customers_by_ids
from domain.dunning import cases as uses
from domain.dunning import model as domain
from domain.dunning import timeline_model as told
from domain.ledger.receivables import receivables_by_ids


@graph_type(domain.Case)
class Case:
    """One receivable, or all that a customer owes in one currency, walking through one plan version."""

    @strawberry.field(graphql_type=Customer, description="Who owes it.")
    async def customer(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(customers_by_ids, self.customer_id)

    @strawberry.field(
        graphql_type=Receivable | None, description="What is owed, if the case is about a single receivable."
    )
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        if self.receivable_id is None:
            return None
        return await info.context.load(receivables_by_ids, self.receivable_id)


@graph_type(domain.CaseReceivable)
class CaseReceivable:
    """A receivable that a case stands for."""

    @strawberry.field(graphql_type=Receivable, description="What is owed, or was.")
    async def receivable(self: Any, info: GraphInfo) -> Any:
        """Loaded together with its siblings'."""
        return await info.context.load(receivables_by_ids, self.receivable_id)


@graph_type(told.Reason)
class Reason:
    """A stable code and what it means."""


@graph_type(told.Blocker)
class Blocker:
    """Something in the way of a step, and until when."""


@graph_type(domain.ShadowEffect)
class ShadowEffect:
    """What a step would have done, had its plan not only been tried."""


@graph_type(told.PastStep)
class Occurrence:
    """One step that fell due in a case: what became of it, and why."""


@graph_type(told.FutureStep)
class FutureStep:
    """A step that is to come, as things stand."""


@graph_type(told.WaitingStep)
class WaitingStep:
    """A step that has no day yet, and why."""


@graph_type(told.CaseTimeline)
class CaseTimeline:
    """What happened in a case, and what will happen if nothing changes."""


@strawberry.type
class CaseQueries:
    """Reading cases."""

    @door(uses.get_case, Case)
    async def case(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One case."""
        return await uses.get_case(info.context.tenant, id)

    @door(uses.list_cases, Connection[Case])
    async def cases(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        customer_id: strawberry.ID | None = None,
        receivable_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Cases, oldest first, those that match every given filter."""
        name = f"cases:{customer_id}:{receivable_id}:{state}"
        page = await uses.list_cases(
            info.context.tenant,
            page_request(first, after, name),
            customer_id=customer_id,
            receivable_id=receivable_id,
            state=validated(CaseQuery, {"state": state}).state,
        )
        return connection(page, name, after)

    @door(uses.list_case_receivables, Connection[CaseReceivable])
    async def case_receivables(
        self, info: GraphInfo, case_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """The receivables that a case stands for, settled ones included."""
        name = f"case_receivables:{case_id}"
        page = await uses.list_case_receivables(info.context.tenant, case_id, page_request(first, after, name))
        return connection(page, name, after, lambda one: str(one.receivable_id))

    @door(uses.case_timeline, CaseTimeline)
    async def case_timeline(
        self, info: GraphInfo, id: strawberry.ID, texts: bool = False, locale: str | None = None
    ) -> Any:
        """What became of each step of a case so far and why, and what is to come if nothing changes."""
        return await uses.case_timeline(info.context.tenant, id, texts=texts, locale=locale)


NODES = {"cas": uses.get_case}
QUERIES = CaseQueries
MUTATIONS = None
