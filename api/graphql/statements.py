"""Statements of account in GraphQL: the data; CSV and PDF are REST's."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import graph_type
from api.inputs.aging import StatementQuery
from api.inputs.fields import given, validated
from domain.insight import statement_model as domain
from domain.insight import statements as uses


@graph_type(domain.StatementItem)
class StatementItem:
    """A receivable that was open at the end of the day."""


@graph_type(domain.StatementCredit)
class StatementCredit:
    """The unapplied amount of a payment or credit note."""


@graph_type(domain.StatementMovement)
class StatementMovement:
    """What changed the balance on a day; above zero the customer owes more."""


@graph_type(domain.StatementAccount)
class StatementAccount:
    """A customer's statement in one currency."""


@graph_type(domain.Statement)
class Statement:
    """What a customer owes at the end of a day, item by item, or what happened in a period."""


@strawberry.type
class StatementQueries:
    """Reading statements."""

    @door(uses.get_statement, Statement)
    async def statement(
        self,
        info: GraphInfo,
        customer_id: strawberry.ID,
        as_of: date | None = None,
        from_on: date | None = None,
        currency: str | None = None,
    ) -> Any:
        """A customer's statement: what is open at the end of a day, or, with fromOn, what happened in a period."""
        asked = given(validated(StatementQuery, {"currency": currency}))
        return await uses.get_statement(info.context.tenant, customer_id, as_of=as_of, from_on=from_on, **asked)


NODES: dict[str, Any] = {}
QUERIES = StatementQueries
MUTATIONS = None
