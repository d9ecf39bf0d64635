"""Bank statements in GraphQL; a large file is better streamed to POST /v1/bank-statements."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import strawberry
from strawberry.scalars import JSON

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.graphql.tenants import Operation
from api.inputs.bank_statements import LineAcceptance, LineIgnored, NewBankStatement, accepted
from api.inputs.fields import validated
from domain.banking import accepting, deciding, model, statements, uploading

LineAcceptanceInput = input_type(LineAcceptance, "LineAcceptanceInput")


@graph_type(model.Reason)
class SuggestionReason:
    """Why a suggestion is made."""


@graph_type(model.SuggestedAllocation)
class SuggestedAllocation:
    """A part of a line's amount for one receivable."""


@graph_type(model.Suggestion)
class PaymentSuggestion:
    """Whose payment a line may be and what it may settle."""


@graph_type(model.BankStatement)
class BankStatement:
    """A statement of one account."""


@graph_type(model.BankStatementLine)
class BankStatementLine:
    """One movement on the account and what became of it."""


@strawberry.type
class BankStatementQuery:
    """Reading bank statements."""

    @door(statements.get_bank_statement, BankStatement)
    async def bank_statement(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One bank statement."""
        return await statements.get_bank_statement(info.context.tenant, id)

    @door(statements.list_bank_statements, Connection[BankStatement])
    async def bank_statements(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Bank statements, oldest upload first."""
        request = page_request(first, after, "bank_statements")
        return connection(await statements.list_bank_statements(info.context.tenant, request), "bank_statements", after)

    @door(statements.get_bank_statement_line, BankStatementLine)
    async def bank_statement_line(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One line and what is suggested for it."""
        return await statements.get_bank_statement_line(info.context.tenant, id)

    @door(statements.list_bank_statement_lines, Connection[BankStatementLine])
    async def bank_statement_lines(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        statement_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Lines with what is suggested for each."""
        name = f"bank_statement_lines:{statement_id}:{state}"
        wanted: Any = state
        page = await statements.list_bank_statement_lines(
            info.context.tenant, page_request(first, after, name), statement_id=statement_id, state=wanted
        )
        return connection(page, name, after)


@strawberry.type
class BankStatementMutation:
    """Uploading bank statements and deciding on their lines."""

    @door(uploading.upload_bank_statement, Operation)
    async def upload_bank_statement(
        self, info: GraphInfo, format: str, content: str, mapping: JSON | None = None
    ) -> Any:
        """Send a file of bank statements as text; a worker reads it and matches its lines."""
        told: dict[str, Any] = {"format": format, "content": content, "mapping": mapping or {}}
        data = validated(NewBankStatement, told)
        return await uploading.upload_bank_statement(
            info.context.tenant,
            format=data.format,
            chunks=_pieces(data.content),
            charset="utf-8",
            mapping=data.mapping,
        )

    @door(deciding.accept_bank_statement_line, BankStatementLine)
    async def accept_bank_statement_line(
        self, info: GraphInfo, id: strawberry.ID, input: LineAcceptanceInput, expected_version: int | None = None
    ) -> Any:
        """Record a line as a payment, as proposed or as you say."""
        told = accepted(from_input(LineAcceptance, input))
        return await deciding.accept_bank_statement_line(
            info.context.tenant, id, **told, expected_version=expected_version
        )

    @door(deciding.ignore_bank_statement_line, BankStatementLine)
    async def ignore_bank_statement_line(
        self, info: GraphInfo, id: strawberry.ID, reason: str, expected_version: int | None = None
    ) -> Any:
        """Say that a line is no payment of a customer."""
        data = validated(LineIgnored, {"reason": reason})
        return await deciding.ignore_bank_statement_line(
            info.context.tenant, id, reason=data.reason, expected_version=expected_version
        )

    @door(deciding.match_bank_statement_line, BankStatementLine)
    async def match_bank_statement_line(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Look again for what a line pays, for example once its invoice is there."""
        return await deciding.match_bank_statement_line(info.context.tenant, id, expected_version=expected_version)

    @door(accepting.accept_proposed_lines, Operation)
    async def accept_proposed_lines(self, info: GraphInfo, statement_id: strawberry.ID) -> Any:
        """Accept every line of a statement that is proposed; the operation tells which could not be."""
        return await accepting.accept_proposed_lines(info.context.tenant, statement_id)


async def _pieces(content: str) -> AsyncIterator[bytes]:
    yield content.encode()


NODES = {"bst": statements.get_bank_statement, "bsl": statements.get_bank_statement_line}
QUERIES = BankStatementQuery
MUTATIONS = BankStatementMutation
