"""What a line of a receivable looks like in GraphQL, for the receivable and for the fields of its own."""

from __future__ import annotations

from api.graphql.mapping import graph_type, shared_input
from api.inputs.receivable_details import LineIn
from domain.ledger import detail_model as domain

shared_input(LineIn, "ReceivableLineInput")


@graph_type(domain.Line)
class Line:
    """One line of an invoice; the amount is without tax."""
